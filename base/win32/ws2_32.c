/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ws2_32.dll of a machine that has no network protocol: the library starts (programs give up, or misbehave, where WSAStartup fails), lists
 * no protocol and makes no socket: WSAEAFNOSUPPORT.  What wants a socket says WSAENOTSOCK, what looks a name up WSAHOST_NOT_FOUND, and
 * all of them WSANOTINITIALISED before WSAStartup and after the last WSACleanup.  Byte order, error numbers, event objects and
 * addresses as text (addrinfo.c) need no protocol and work.  ws2_32.def gives each export its function.
 *
 * DIFFERS: what has to do with name spaces and providers says WSAEOPNOTSUPP.
 */
#include "ws2_32.h"

#define VERSION_1_1 0x0101
#define VERSION_2_2 0x0202              /* low byte: major */
#define TEXT_LENGTH 65                  /* INET6_ADDRSTRLEN */
#define INVALID_SOCKET (-1)
#define INADDR_NONE 0xFFFFFFFF
#define WSA_INFINITE 0xFFFFFFFF
#define WSA_WAIT_FAILED 0xFFFFFFFF

typedef struct _WSADATA {
    USHORT wVersion, wHighVersion;
    USHORT iMaxSockets, iMaxUdpDg;
    PSTR lpVendorInfo;
    CHAR szDescription[257], szSystemStatus[129];
} WSADATA;

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved);
INT_PTR NoSocket(VOID);
INT_PTR NoFamily(VOID);
INT NoProtocols(VOID);
INT NoHostCode(VOID);
PVOID NoEntry(VOID);
PVOID NotSupported(VOID);
INT_PTR NotSupportedInt(VOID);
VOID NothingToFree(VOID);
INT WSAAPI_WSAStartup(USHORT Version, WSADATA *Data);
INT WSAAPI_WSACleanup(VOID);
ULONG WSAAPI_htonl(ULONG Value);
USHORT WSAAPI_htons(USHORT Value);
ULONG WSAAPI_inet_addr(PCSTR Text);
INT WSAAPI_inet_pton(INT Family, PCSTR Text, PVOID Address);
PSTR WSAAPI_inet_ntop(INT Family, const VOID *Address, PSTR Text, SIZE_T Length);
INT WSAAPI_InetPtonW(INT Family, PCWSTR Text, PVOID Address);
PWSTR WSAAPI_InetNtopW(INT Family, const VOID *Address, PWSTR Text, SIZE_T Length);
INT WSAAPI_FDIsSet(ULONG_PTR Socket, const VOID *Set);
INT WSAAPI_GetHostNameW(PWSTR Name, INT Length);
INT WSAAPI_gethostname(PSTR Name, INT Length);
HANDLE WSAAPI_WSACreateEvent(VOID);
BOOL WSAAPI_WSASetEvent(HANDLE Event);
BOOL WSAAPI_WSAResetEvent(HANDLE Event);
BOOL WSAAPI_WSACloseEvent(HANDLE Event);
ULONG WSAAPI_WSAWaitForMultipleEvents(ULONG Count, const HANDLE *Events, BOOL All, ULONG Milliseconds, BOOL Alertable);

static LONG Started;                    /* WSAStartup without its WSACleanup */

BOOLEAN IsStarted(VOID)
{
    return Started > 0;
}

VOID SetError(INT Error)
{
    WSAAPI_WSASetLastError(Started > 0 ? Error : WSANOTINITIALISED);
}

/* --- what finds no protocol ---------------------------------------------------------------------------------------- */

/* The answer of functions that are given a socket. */
INT_PTR NoSocket(VOID)
{
    SetError(WSAENOTSOCK);
    return SOCKET_ERROR;
}

/* socket and its kin. */
INT_PTR NoFamily(VOID)
{
    SetError(WSAEAFNOSUPPORT);
    return INVALID_SOCKET;
}

/* WSAEnumProtocols and its kin: the number of those there are. */
INT NoProtocols(VOID)
{
    if (Started > 0)
        return 0;
    SetError(0);
    return SOCKET_ERROR;
}

/* GetAddrInfoEx and its kin, whose value is the error. */
INT NoHostCode(VOID)
{
    SetError(WSAHOST_NOT_FOUND);
    return WSAAPI_WSAGetLastError();
}

/* Look-ups of hosts, services and protocols by name. */
PVOID NoEntry(VOID)
{
    SetError(WSAHOST_NOT_FOUND);
    return NULL;
}

/* What there is not, of functions that say NULL or FALSE. */
PVOID NotSupported(VOID)
{
    SetError(WSAEOPNOTSUPP);
    return NULL;
}

/* The same of functions that say SOCKET_ERROR. */
INT_PTR NotSupportedInt(VOID)
{
    SetError(WSAEOPNOTSUPP);
    return SOCKET_ERROR;
}

/* FreeAddrInfoEx: GetAddrInfoEx has given nothing. */
VOID NothingToFree(VOID)
{
}

/* --- start and end ------------------------------------------------------------------------------------------------- */

/* The highest version up to the one that is asked for: 1.0, 1.1, 2.0, 2.1 or 2.2. */
static USHORT AgreeVersion(UCHAR Major, UCHAR Minor)
{
    if (Major == 1)
        return Minor == 0 ? 1 : VERSION_1_1;
    return Major == 2 && Minor < 2 ? (USHORT)(Minor << 8 | 2) : VERSION_2_2;
}

/* 0, WSAVERNOTSUPPORTED or WSAEFAULT (the error is the value, not the last error). */
INT WSAAPI_WSAStartup(USHORT Version, WSADATA *Data)
{
    if (LOBYTE(Version) < 1)
        return WSAVERNOTSUPPORTED;
    if (Data == NULL)
        return WSAEFAULT;
    memset(Data, 0, sizeof(*Data));
    Data->wVersion = AgreeVersion(LOBYTE(Version), HIBYTE(Version));
    Data->wHighVersion = VERSION_2_2;
    strcpy(Data->szDescription, "WinSock 2.0");
    strcpy(Data->szSystemStatus, "Running");
    if (LOBYTE(Data->wVersion) == 1) {  /* later versions have these two for form's sake: 0 */
        Data->iMaxSockets = 32767;
        Data->iMaxUdpDg = 65467;
    }
    InterlockedIncrement(&Started);
    return 0;
}

INT WSAAPI_WSACleanup(VOID)
{
    if (Started <= 0) {
        SetError(0);
        return SOCKET_ERROR;
    }
    InterlockedDecrement(&Started);
    return 0;
}

INT WSAAPI_WSAGetLastError(VOID)
{
    return (INT)NtCurrentTeb()->LastErrorValue;
}

VOID WSAAPI_WSASetLastError(INT Error)
{
    NtCurrentTeb()->LastErrorValue = (ULONG)Error;
}

/* --- byte order, addresses as text --------------------------------------------------------------------------------- */

/* Both directions: the machine's order is little-endian, the network's big-endian. */
ULONG WSAAPI_htonl(ULONG Value)
{
    return __builtin_bswap32(Value);
}

USHORT WSAAPI_htons(USHORT Value)
{
    return __builtin_bswap16(Value);
}

/* INADDR_NONE for a text that is no address. */
ULONG WSAAPI_inet_addr(PCSTR Text)
{
    ULONG Address = 0;
    PCSTR End;

    if (!NT_SUCCESS(RtlIpv4StringToAddressA(Text, FALSE, &End, (PVOID)&Address)) || *End != 0)
        return INADDR_NONE;
    return Address;
}

/* 1, 0 where the text is no address, SOCKET_ERROR for a family without addresses. */
static INT ParseResult(INT Family, NTSTATUS Status, BOOLEAN AtEnd)
{
    if (Family == AF_INET || Family == AF_INET6)
        return NT_SUCCESS(Status) && AtEnd;
    WSAAPI_WSASetLastError(WSAEAFNOSUPPORT);
    return SOCKET_ERROR;
}

INT WSAAPI_inet_pton(INT Family, PCSTR Text, PVOID Address)
{
    NTSTATUS Status = STATUS_NOT_SUPPORTED;
    PCSTR End = Text;

    if (Family == AF_INET)
        Status = RtlIpv4StringToAddressA(Text, TRUE, &End, Address);
    else if (Family == AF_INET6)
        Status = RtlIpv6StringToAddressA(Text, &End, Address);
    return ParseResult(Family, Status, *End == 0);
}

INT WSAAPI_InetPtonW(INT Family, PCWSTR Text, PVOID Address)
{
    NTSTATUS Status = STATUS_NOT_SUPPORTED;
    PCWSTR End = Text;

    if (Family == AF_INET)
        Status = RtlIpv4StringToAddressW(Text, TRUE, &End, Address);
    else if (Family == AF_INET6)
        Status = RtlIpv6StringToAddressW(Text, &End, Address);
    return ParseResult(Family, Status, *End == 0);
}

/* What inet_ntop says where Length characters (with the end) are too few, or where the family has no addresses. */
static BOOLEAN HasRoom(INT Family, SIZE_T Needed, SIZE_T Length)
{
    if (Family == AF_INET || Family == AF_INET6) {
        if (Needed < Length)
            return TRUE;
        WSAAPI_WSASetLastError(ERROR_INVALID_PARAMETER);
    } else {
        WSAAPI_WSASetLastError(WSAEAFNOSUPPORT);
    }
    return FALSE;
}

PSTR WSAAPI_inet_ntop(INT Family, const VOID *Address, PSTR Text, SIZE_T Length)
{
    CHAR Buffer[TEXT_LENGTH];
    PSTR End = Buffer;

    if (Family == AF_INET)
        End = RtlIpv4AddressToStringA(Address, Buffer);
    else if (Family == AF_INET6)
        End = RtlIpv6AddressToStringA(Address, Buffer);
    if (!HasRoom(Family, (SIZE_T)(End - Buffer), Length))
        return NULL;
    return memcpy(Text, Buffer, (SIZE_T)(End - Buffer) + 1);
}

PWSTR WSAAPI_InetNtopW(INT Family, const VOID *Address, PWSTR Text, SIZE_T Length)
{
    WCHAR Buffer[TEXT_LENGTH];
    PWSTR End = Buffer;

    if (Family == AF_INET)
        End = RtlIpv4AddressToStringW(Address, Buffer);
    else if (Family == AF_INET6)
        End = RtlIpv6AddressToStringW(Address, Buffer);
    if (!HasRoom(Family, (SIZE_T)(End - Buffer), Length))
        return NULL;
    return memcpy(Text, Buffer, ((SIZE_T)(End - Buffer) + 1) * sizeof(WCHAR));
}

/* Is the socket in an fd_set (a count and an array)? */
INT WSAAPI_FDIsSet(ULONG_PTR Socket, const VOID *Set)
{
    const ULONG_PTR *Sockets = (const ULONG_PTR *)Set + 1;

    for (ULONG i = 0; i < *(const ULONG *)Set; i++)
        if (Sockets[i] == Socket)
            return 1;
    return 0;
}

/* --- the machine's name -------------------------------------------------------------------------------------------- */

#define NAME_LENGTH 64

/* 0, or SOCKET_ERROR with WSAEFAULT where the name and its end do not fit into Length characters. */
INT WSAAPI_GetHostNameW(PWSTR Name, INT Length)
{
    UNICODE_STRING Variable = RTL_CONSTANT_UNICODE_STRING(L"COMPUTERNAME");
    WCHAR Room[NAME_LENGTH];
    UNICODE_STRING Value = { .Buffer = Room, .MaximumLength = sizeof(Room) };

    if (!NT_SUCCESS(RtlQueryEnvironmentVariable_U(NULL, &Variable, &Value)))
        return (INT)NotSupportedInt();
    if (Started <= 0 || Name == NULL || Length <= (INT)(Value.Length / sizeof(WCHAR))) {
        SetError(WSAEFAULT);
        return SOCKET_ERROR;
    }
    memcpy(Name, Room, Value.Length);
    Name[Value.Length / sizeof(WCHAR)] = 0;
    return 0;
}

/* The same in the ANSI code page. */
INT WSAAPI_gethostname(PSTR Name, INT Length)
{
    WCHAR Wide[NAME_LENGTH];
    CHAR Narrow[3 * NAME_LENGTH];
    ULONG Bytes = 0;

    if (WSAAPI_GetHostNameW(Wide, NAME_LENGTH) != 0)
        return SOCKET_ERROR;
    RtlUnicodeToMultiByteN(Narrow, sizeof(Narrow), &Bytes, Wide, (ULONG)(wcslen(Wide) + 1) * sizeof(WCHAR));
    if (Name == NULL || Length < (INT)Bytes) {
        SetError(WSAEFAULT);
        return SOCKET_ERROR;
    }
    memcpy(Name, Narrow, Bytes);
    return 0;
}

/* --- events: NT's own, not set by themselves, stay set ------------------------------------------------------------- */

/* TRUE, or FALSE with the last error. */
static BOOL Succeeded(NTSTATUS Status)
{
    if (NT_SUCCESS(Status))
        return TRUE;
    WSAAPI_WSASetLastError((INT)RtlNtStatusToDosErrorNoTeb(Status));
    return FALSE;
}

HANDLE WSAAPI_WSACreateEvent(VOID)
{
    HANDLE Event;

    return Succeeded(NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE)) ? Event : NULL;
}

BOOL WSAAPI_WSASetEvent(HANDLE Event)
{
    return Succeeded(NtSetEvent(Event, NULL));
}

BOOL WSAAPI_WSAResetEvent(HANDLE Event)
{
    return Succeeded(NtResetEvent(Event, NULL));
}

BOOL WSAAPI_WSACloseEvent(HANDLE Event)
{
    return Succeeded(NtClose(Event));
}

/* The status of the wait, or WSA_WAIT_FAILED with the last error. */
ULONG WSAAPI_WSAWaitForMultipleEvents(ULONG Count, const HANDLE *Events, BOOL All, ULONG Milliseconds, BOOL Alertable)
{
    LARGE_INTEGER Timeout = { .QuadPart = -10000ll * Milliseconds };
    NTSTATUS Status = NtWaitForMultipleObjects(Count, (PHANDLE)Events, All ? WaitAll : WaitAny, (BOOLEAN)(Alertable != FALSE),
                                               Milliseconds == WSA_INFINITE ? NULL : &Timeout);

    return Succeeded(Status) ? (ULONG)Status : WSA_WAIT_FAILED;
}

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved)
{
    if (Reason == DLL_THREAD_DETACH) {      /* inet_ntoa's text */
        RtlFreeHeap(RtlProcessHeap(), 0, NtCurrentTeb()->WinSockData);
        NtCurrentTeb()->WinSockData = NULL;
    }
    return TRUE;
}
