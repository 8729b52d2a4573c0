// SPDX-License-Identifier: BSD-2-Clause
// What of Winsock is the same with and without a network: start and end, errors, byte order, addresses as text, event objects.
#include <winsock2.h>
#include <ws2tcpip.h>
#include <string.h>
#include "check.h"

// The value of a call and the error that it leaves.
#define CALL(what) do { \
        int value = (int)(what); \
        SHOW("%d, error %d", value, WSAGetLastError()); \
    } while (0)

static void Versions(void)
{
    static const WORD wanted[] = { 0, 0x0100, 0x0001, 0x0101, 0x0201, 0xFF01, 0x0002, 0x0102, 0x0202, 0x0302, 0xFF02, 0x0003, 0x0103, 0xFFFF };

    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        WSADATA data;
        int error;

        memset(&data, 0xAA, sizeof(data));
        error = WSAStartup(wanted[i], &data);
        if (error)
            SHOW("%04x: %d", wanted[i], error);
        else
            SHOW("%04x: %04x of %04x", wanted[i], data.wVersion, data.wHighVersion);
        if (!error)
            WSACleanup();
    }
    SHOW("%d", WSAStartup(0x0202, NULL));
}

static void NotStarted(void)
{
    CALL(socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET);
    CALL(gethostbyname("localhost") == NULL);
    CALL(WSACleanup());
}

static void NoSockets(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    DWORD done = 0;
    char byte = 0;

    CALL(send(0x7FF0, &byte, 1, 0));
    CALL(recv(0x7FF0, &byte, 1, 0));
    CALL(bind(0x7FF0, (struct sockaddr *)&address, sizeof(address)));
    CALL(listen(0x7FF0, 1));
    CALL(closesocket(0x7FF0));
    CALL(shutdown(0x7FF0, SD_BOTH));
    CALL(WSASend(0x7FF0, &(WSABUF){ 1, &byte }, 1, &done, 0, NULL, NULL));
}

static void Addresses(void)
{
    static const char *const texts[] = { "1.2.3.4", "255.255.255.255", "1.2.3", "1.2.3.256", "::1", "fe80::1:2", "::ffff:1.2.3.4", "1:2", "" };
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        SHOW("%s: %08lx", texts[i], inet_addr(texts[i]));
        if (inet_pton(AF_INET, texts[i], bytes) == 1)
            SHOW("%s: %s", texts[i], inet_ntop(AF_INET, bytes, text, sizeof(text)));
        if (inet_pton(AF_INET6, texts[i], bytes) == 1)
            SHOW("%s: %s", texts[i], inet_ntop(AF_INET6, bytes, text, sizeof(text)));
    }
    CALL(inet_pton(99, "1.2.3.4", bytes));
    CALL(inet_ntop(99, bytes, text, sizeof(text)) == NULL);
    YES(inet_ntop(AF_INET, "\1\2\3\4", text, 7) == NULL);
    YES(inet_ntop(AF_INET, "\1\2\3\4", text, 8) == text);
    SHOW("%lx %x", htonl(0x01020304), ntohs(0x0102));
}

static void ShowAddress(const char *what, const struct sockaddr *address, int length)
{
    char node[NI_MAXHOST] = "?", service[NI_MAXSERV] = "?";
    int error = getnameinfo(address, length, node, sizeof(node), service, sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV);

    SHOW("%s: %d, %d bytes, %s port %s", what, error, length, node, service);
}

// Numbers of hosts and ports: what needs no look-up.  (An address of another family than the one asked for is left out: Wine answers with
// a number of Unix'.)
static void Numbers(void)
{
    static const struct {
        const char *node, *service;
        int family, flags;
    } wanted[] = {
        { "1.2.3.4", "80", AF_UNSPEC, AI_NUMERICHOST }, { "1.2.3.4", NULL, AF_INET, AI_NUMERICHOST | AI_CANONNAME },
        { "fe80::1:2", "65535", AF_UNSPEC, AI_NUMERICHOST }, { "::", "0", AF_INET6, AI_NUMERICHOST | AI_PASSIVE },
        { "nowhere", "80", AF_UNSPEC, AI_NUMERICHOST }, { "[::1", "80", AF_UNSPEC, AI_NUMERICHOST }, { "[::1]:80", "80", AF_UNSPEC, AI_NUMERICHOST },
        { "1.2.3.4:80", NULL, AF_INET, AI_NUMERICHOST }, { "[::1]", NULL, AF_INET6, AI_NUMERICHOST }, { NULL, NULL, AF_UNSPEC, 0 },
        { NULL, "1234", AF_INET, AI_PASSIVE }, { NULL, "1234", AF_INET, 0 }, { NULL, "1234", AF_INET6, AI_PASSIVE },
        { NULL, "1234", AF_INET6, 0 }, { "1.2.3.4", "80", 77, 0 }, { "1.2.3.4", "80x", AF_INET, AI_NUMERICSERV },
    };

    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct addrinfo hints = { .ai_family = wanted[i].family, .ai_flags = wanted[i].flags, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP };
        struct addrinfo *list = (void *)1;
        int error = getaddrinfo(wanted[i].node, wanted[i].service, &hints, &list);

        SHOW("%u: %d", i, error);
        if (error) {
            YES(list == NULL);
            continue;
        }
        for (struct addrinfo *info = list; info; info = info->ai_next) {
            SHOW("%d %d %d %s", info->ai_family, info->ai_socktype, info->ai_protocol, info->ai_canonname ? info->ai_canonname : "-");
            ShowAddress("found", info->ai_addr, (int)info->ai_addrlen);
        }
        freeaddrinfo(list);
    }
}

static void Texts(void)
{
    static const char *const texts[] = { "1.2.3.4", "1.2.3.4:80", "255.255.255.255:65535", "::1", "[::1]:80", "[fe80::1:2%7]:9", "1.2.3.4:", "x", "" };

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        for (int family = AF_INET; family <= AF_INET6; family += AF_INET6 - AF_INET) {
            struct sockaddr_storage address;
            int length = sizeof(address), value;
            char text[64] = "?";
            DWORD room = sizeof(text);

            memset(&address, 0xAA, sizeof(address));
            value = WSAStringToAddressA((char *)texts[i], family, NULL, (struct sockaddr *)&address, &length);
            SHOW("%s as %d: %d, error %d", texts[i], family, value, value ? WSAGetLastError() : 0);
            if (value)
                continue;
            value = WSAAddressToStringA((struct sockaddr *)&address, length, NULL, text, &room);
            SHOW("%d: %s, %lu of %d bytes", value, text, room, length);
            room = 3;
            CALL(WSAAddressToStringA((struct sockaddr *)&address, length, NULL, text, &room));
            SHOW("%lu", room);
            ShowAddress(texts[i], (struct sockaddr *)&address, length);
        }
    SHOW("%s %s", inet_ntoa((struct in_addr){ .s_addr = 0x04030201 }), inet_ntoa((struct in_addr){ .s_addr = INADDR_NONE }));
}

static void Events(void)
{
    WSAEVENT events[2] = { WSACreateEvent(), WSACreateEvent() };

    SHOW("%lx", WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE));
    YES(WSASetEvent(events[1]));
    SHOW("%lx", WSAWaitForMultipleEvents(2, events, FALSE, WSA_INFINITE, FALSE));
    SHOW("%lx", WSAWaitForMultipleEvents(2, events, TRUE, 10, FALSE));
    YES(WSAResetEvent(events[1]));
    SHOW("%lx", WSAWaitForMultipleEvents(2, events, FALSE, 0, TRUE));
    YES(WSACloseEvent(events[0]) && WSACloseEvent(events[1]));
    CALL(WSACloseEvent(events[0]));
}

int main(void)
{
    WSADATA data;

    NotStarted();
    Versions();
    WSAStartup(0x0202, &data);
    WSAStartup(0x0202, &data);
    SHOW("%s", data.szSystemStatus);
    NoSockets();
    Addresses();
    Numbers();
    Texts();
    Events();
    SHOW("%d", WSACleanup());
    CALL(send(0x7FF0, "", 1, 0));
    SHOW("%d", WSACleanup());
    NotStarted();
    return 0;
}
