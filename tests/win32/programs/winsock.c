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
    Events();
    SHOW("%d", WSACleanup());
    CALL(send(0x7FF0, "", 1, 0));
    SHOW("%d", WSACleanup());
    NotStarted();
    return 0;
}
