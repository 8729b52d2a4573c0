/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Socket addresses and their texts: getaddrinfo, getnameinfo, WSAStringToAddress, WSAAddressToString, inet_ntoa.  Numbers need no network;
 * of names only `localhost' is known, of services none.
 *
 * Source: Microsoft's documentation of ws2tcpip.h and winsock2.h.
 */
#include "ws2_32.h"

#define SOCK_RAW 3                      /* SOCK_STREAM and SOCK_DGRAM are 1 and 2 */
#define AI_PASSIVE 0x1
#define AI_CANONNAME 0x2
#define AI_NUMERICHOST 0x4
#define AI_NUMERICSERV 0x8
#define AI_ALL 0x100
#define AI_ADDRCONFIG 0x400
#define AI_V4MAPPED 0x800
#define AI_KNOWN (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV | AI_ALL | AI_ADDRCONFIG | AI_V4MAPPED)
#define NI_NAMEREQD 0x4
#define TEXT_LENGTH 65                  /* INET6_ADDRSTRLEN */
#define IPV4_TEXT 16                    /* of inet_ntoa: 255.255.255.255 and the end */

typedef union _SOCKET_ADDRESS_ANY {
    USHORT Family;
    struct {
        USHORT Family, Port;            /* network order, in both */
        UCHAR Address[4], Zero[8];
    } V4;
    struct {
        USHORT Family, Port;
        ULONG FlowInfo;
        UCHAR Address[16];
        ULONG ScopeId;
    } V6;
} SOCKET_ADDRESS_ANY, *PSOCKET_ADDRESS_ANY;

/* addrinfo and ADDRINFOW, which differ in CanonicalName only. */
typedef struct _ADDRESS_INFO {
    INT Flags, Family, SocketType, Protocol;
    SIZE_T AddressLength;
    PVOID CanonicalName;
    PSOCKET_ADDRESS_ANY Address;
    struct _ADDRESS_INFO *Next;
} ADDRESS_INFO, *PADDRESS_INFO;

INT WSAAPI_GetAddrInfoW(PCWSTR Node, PCWSTR Service, const ADDRESS_INFO *Hints, PADDRESS_INFO *Result);
INT WSAAPI_getaddrinfo(PCSTR Node, PCSTR Service, const ADDRESS_INFO *Hints, PADDRESS_INFO *Result);
VOID WSAAPI_FreeAddrInfo(PADDRESS_INFO Info);
INT WSAAPI_GetNameInfoW(const SOCKET_ADDRESS_ANY *Address, INT Length, PWSTR Node, ULONG NodeLength, PWSTR Service,
        ULONG ServiceLength, INT Flags);
INT WSAAPI_getnameinfo(const SOCKET_ADDRESS_ANY *Address, INT Length, PSTR Node, ULONG NodeLength, PSTR Service,
        ULONG ServiceLength, INT Flags);
INT WSAAPI_WSAStringToAddressW(PCWSTR Text, INT Family, const VOID *Protocol, PSOCKET_ADDRESS_ANY Address, PINT Length);
INT WSAAPI_WSAStringToAddressA(PCSTR Text, INT Family, const VOID *Protocol, PSOCKET_ADDRESS_ANY Address, PINT Length);
INT WSAAPI_WSAAddressToStringW(const SOCKET_ADDRESS_ANY *Address, ULONG AddressLength, const VOID *Protocol, PWSTR Text, PULONG Length);
INT WSAAPI_WSAAddressToStringA(const SOCKET_ADDRESS_ANY *Address, ULONG AddressLength, const VOID *Protocol, PSTR Text, PULONG Length);
PSTR WSAAPI_inet_ntoa(ULONG Address);

static INT Fail(INT Error)
{
    SetError(Error);
    return SOCKET_ERROR;
}

static SIZE_T AddressSize(USHORT Family)
{
    SOCKET_ADDRESS_ANY Any;

    return Family == AF_INET ? sizeof(Any.V4) : sizeof(Any.V6);
}

/* An ANSI text as UTF-16, with its end; FALSE where it is longer than Room characters. */
static BOOLEAN Widen(PCSTR Text, PWSTR Wide, ULONG Room)
{
    SIZE_T Length = strlen(Text);
    ULONG Bytes = 0;

    if (Length >= Room)
        return FALSE;
    RtlMultiByteToUnicodeN(Wide, Room * sizeof(WCHAR), &Bytes, Text, (ULONG)Length + 1);
    return TRUE;
}

/* --- getaddrinfo --------------------------------------------------------------------------------------------------- */

/* A number of a host: the address, with a scope where the text has one, in brackets or not; a port behind them counts for nothing. */
static BOOLEAN ParseHost(PCWSTR Text, PSOCKET_ADDRESS_ANY Address)
{
    PCWSTR End;
    USHORT Port = 0;

    memset(Address, 0, sizeof(*Address));
    if (NT_SUCCESS(RtlIpv4StringToAddressW(Text, FALSE, &End, (PVOID)Address->V4.Address)) && *End == 0) {
        Address->Family = AF_INET;
        return TRUE;
    }
    memset(Address, 0, sizeof(*Address));
    Address->Family = AF_INET6;
    return NT_SUCCESS(RtlIpv6StringToAddressExW(Text, (PVOID)Address->V6.Address, &Address->V6.ScopeId, &Port));
}

/* The addresses of the loopback (::1, 127.0.0.1), or those that stand for every address of the machine. */
static ULONG OwnAddresses(BOOLEAN Any, SOCKET_ADDRESS_ANY Addresses[2])
{
    memset(Addresses, 0, 2 * sizeof(Addresses[0]));
    Addresses[0].Family = AF_INET6;
    Addresses[1].Family = AF_INET;
    if (!Any) {
        Addresses[0].V6.Address[15] = 1;
        Addresses[1].V4.Address[0] = 127;
        Addresses[1].V4.Address[3] = 1;
    }
    return 2;
}

/* The number of addresses that Node stands for, none if it is a name that nobody knows. */
static ULONG FindHost(PCWSTR Node, INT Flags, SOCKET_ADDRESS_ANY Addresses[2])
{
    if (Node == NULL)
        return OwnAddresses((Flags & AI_PASSIVE) != 0, Addresses);
    if (ParseHost(Node, &Addresses[0]))
        return 1;
    return !(Flags & AI_NUMERICHOST) && _wcsicmp(Node, L"localhost") == 0 ? OwnAddresses(FALSE, Addresses) : 0;
}

/* A port in network order. */
static BOOLEAN ParseService(PCWSTR Text, PUSHORT Port)
{
    ULONG Value = 0;

    if (Text == NULL || *Text == 0) {
        *Port = 0;
        return TRUE;
    }
    for (; *Text >= L'0' && *Text <= L'9' && Value <= 0xFFFF; Text++)
        Value = Value * 10 + (*Text - L'0');
    *Port = __builtin_bswap16((USHORT)Value);
    return *Text == 0 && Value <= 0xFFFF;
}

static INT CheckHints(PCWSTR Node, const ADDRESS_INFO *Hints)
{
    if (Hints->AddressLength != 0 || Hints->CanonicalName != NULL || Hints->Address != NULL || Hints->Next != NULL)
        return WSANO_RECOVERY;
    if ((Hints->Flags & ~AI_KNOWN) != 0 || ((Hints->Flags & AI_CANONNAME) && Node == NULL))
        return WSAEINVAL;
    if (Hints->Family != AF_UNSPEC && Hints->Family != AF_INET && Hints->Family != AF_INET6)
        return WSAEAFNOSUPPORT;
    return Hints->SocketType < 0 || Hints->SocketType > SOCK_RAW ? WSAESOCKTNOSUPPORT : 0;
}

/* The entry and its address are one block. */
static PADDRESS_INFO MakeInfo(const SOCKET_ADDRESS_ANY *Address, const ADDRESS_INFO *Hints)
{
    PADDRESS_INFO Info = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(ADDRESS_INFO) + sizeof(SOCKET_ADDRESS_ANY));

    if (Info == NULL)
        return NULL;
    Info->Family = Address->Family;
    Info->SocketType = Hints->SocketType;
    Info->Protocol = Hints->Protocol;
    Info->AddressLength = AddressSize(Address->Family);
    Info->Address = (PVOID)(Info + 1);
    *Info->Address = *Address;
    return Info;
}

static PVOID CopyText(const VOID *Text, SIZE_T Size)
{
    PVOID Copy = RtlAllocateHeap(RtlProcessHeap(), 0, Size);

    return Copy != NULL ? memcpy(Copy, Text, Size) : NULL;
}

/* Entries for the addresses of the family that is asked for; *Result is NULL if there are none. */
static INT MakeList(const SOCKET_ADDRESS_ANY *Addresses, ULONG Count, USHORT Port, const ADDRESS_INFO *Hints, PADDRESS_INFO *Result)
{
    PADDRESS_INFO *Link = Result;

    *Result = NULL;
    for (ULONG i = 0; i < Count; i++) {
        if (Hints->Family != AF_UNSPEC && Hints->Family != Addresses[i].Family)
            continue;
        *Link = MakeInfo(&Addresses[i], Hints);
        if (*Link == NULL) {
            WSAAPI_FreeAddrInfo(*Result);
            return ERROR_NOT_ENOUGH_MEMORY;
        }
        (*Link)->Address->V4.Port = Port;       /* V6.Port is at the same place */
        Link = &(*Link)->Next;
    }
    return *Result != NULL ? 0 : WSAHOST_NOT_FOUND;
}

/* Both forms: Canonical is Node in the caller's characters, or NULL. */
static INT Resolve(PCWSTR Node, PCWSTR Service, const ADDRESS_INFO *Hints, const VOID *Canonical, SIZE_T CanonicalSize,
        PADDRESS_INFO *Result)
{
    static const ADDRESS_INFO None;
    SOCKET_ADDRESS_ANY Addresses[2];
    ULONG Count;
    USHORT Port;
    INT Error;

    if (!IsStarted())
        return WSANOTINITIALISED;
    if (Node == NULL && Service == NULL)
        return WSAHOST_NOT_FOUND;
    if (Hints == NULL)
        Hints = &None;
    Error = CheckHints(Node, Hints);
    if (Error != 0)
        return Error;
    if (!ParseService(Service, &Port))
        return Hints->Flags & AI_NUMERICSERV ? WSAHOST_NOT_FOUND : WSATYPE_NOT_FOUND;
    Count = FindHost(Node, Hints->Flags, Addresses);
    Error = MakeList(Addresses, Count, Port, Hints, Result);
    if (Error == 0 && (Hints->Flags & AI_CANONNAME)) {
        (*Result)->CanonicalName = CopyText(Canonical, CanonicalSize);
        if ((*Result)->CanonicalName == NULL) {
            WSAAPI_FreeAddrInfo(*Result);
            Error = ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    return Error;
}

/* The error, which is the last error too; *Result is NULL then. */
static INT Answer(INT Error, PADDRESS_INFO *Result)
{
    if (Error != 0) {
        *Result = NULL;
        WSAAPI_WSASetLastError(Error);
    }
    return Error;
}

/*
 * The addresses of a host, each with the port of Service; freed with FreeAddrInfoW.  A Node of NULL is the machine itself: the loopback, or
 * with AI_PASSIVE every address.  Never waits.
 */
INT WSAAPI_GetAddrInfoW(PCWSTR Node, PCWSTR Service, const ADDRESS_INFO *Hints, PADDRESS_INFO *Result)
{
    SIZE_T Size = Node != NULL ? (wcslen(Node) + 1) * sizeof(WCHAR) : 0;

    return Answer(Resolve(Node, Service, Hints, Node, Size, Result), Result);
}

/* The same in the ANSI code page. */
INT WSAAPI_getaddrinfo(PCSTR Node, PCSTR Service, const ADDRESS_INFO *Hints, PADDRESS_INFO *Result)
{
    WCHAR WideNode[256], WideService[32];

    if (Node != NULL && !Widen(Node, WideNode, ARRAYSIZE(WideNode)))
        return Answer(WSAHOST_NOT_FOUND, Result);
    if (Service != NULL && !Widen(Service, WideService, ARRAYSIZE(WideService)))
        return Answer(WSATYPE_NOT_FOUND, Result);
    return Answer(Resolve(Node != NULL ? WideNode : NULL, Service != NULL ? WideService : NULL, Hints, Node,
                          Node != NULL ? strlen(Node) + 1 : 0, Result), Result);
}

/* freeaddrinfo and FreeAddrInfoW. */
VOID WSAAPI_FreeAddrInfo(PADDRESS_INFO Info)
{
    while (Info != NULL) {
        PADDRESS_INFO Next = Info->Next;

        RtlFreeHeap(RtlProcessHeap(), 0, Info->CanonicalName);
        RtlFreeHeap(RtlProcessHeap(), 0, Info);
        Info = Next;
    }
}

/* --- getnameinfo --------------------------------------------------------------------------------------------------- */

/* 0 with both texts, which have room for the longest, or the error. */
static INT NameOf(const SOCKET_ADDRESS_ANY *Address, INT Length, INT Flags, PWSTR Node, PWSTR Service)
{
    ULONG Characters = TEXT_LENGTH;
    UNICODE_STRING Port = { .Buffer = Service, .MaximumLength = 6 * sizeof(WCHAR) };

    if (!IsStarted())
        return WSANOTINITIALISED;
    if (Address == NULL || Length < (INT)sizeof(Address->Family))
        return WSAEFAULT;
    if (Address->Family != AF_INET && Address->Family != AF_INET6)
        return WSAEAFNOSUPPORT;
    if (Length < (INT)AddressSize(Address->Family))
        return WSAEFAULT;
    if (Flags & NI_NAMEREQD)
        return WSAHOST_NOT_FOUND;
    if (Address->Family == AF_INET)
        RtlIpv4AddressToStringExW((PVOID)Address->V4.Address, 0, Node, &Characters);
    else
        RtlIpv6AddressToStringExW((PVOID)Address->V6.Address, Address->V6.ScopeId, 0, Node, &Characters);
    RtlIntegerToUnicodeString(__builtin_bswap16(Address->V4.Port), 10, &Port);
    return 0;
}

/* The address and the port as numbers, or an error, which is the last error too.  Never waits. */
INT WSAAPI_GetNameInfoW(const SOCKET_ADDRESS_ANY *Address, INT Length, PWSTR Node, ULONG NodeLength, PWSTR Service,
        ULONG ServiceLength, INT Flags)
{
    WCHAR Host[TEXT_LENGTH], Port[6];
    INT Error = Node == NULL && Service == NULL ? WSAHOST_NOT_FOUND : NameOf(Address, Length, Flags, Host, Port);

    if (Error == 0 && ((Node != NULL && wcslen(Host) >= NodeLength) || (Service != NULL && wcslen(Port) >= ServiceLength)))
        Error = ERROR_INSUFFICIENT_BUFFER;
    if (Error != 0) {
        WSAAPI_WSASetLastError(Error);
        return Error;
    }
    if (Node != NULL)
        wcscpy(Node, Host);
    if (Service != NULL)
        wcscpy(Service, Port);
    return 0;
}

static VOID Narrow(PCWSTR Wide, PSTR Text)
{
    do
        *Text++ = (CHAR)*Wide;
    while (*Wide++ != 0);
}

/* The same with ASCII texts. */
INT WSAAPI_getnameinfo(const SOCKET_ADDRESS_ANY *Address, INT Length, PSTR Node, ULONG NodeLength, PSTR Service,
        ULONG ServiceLength, INT Flags)
{
    WCHAR Host[TEXT_LENGTH], Port[6];
    INT Error = WSAAPI_GetNameInfoW(Address, Length, Node != NULL ? Host : NULL, min(NodeLength, TEXT_LENGTH),
                                    Service != NULL ? Port : NULL, min(ServiceLength, 6), Flags);

    if (Error != 0)
        return Error;
    if (Node != NULL)
        Narrow(Host, Node);
    if (Service != NULL)
        Narrow(Port, Service);
    return 0;
}

/* --- addresses with ports as texts --------------------------------------------------------------------------------- */

/* 0, or SOCKET_ERROR: WSAEINVAL for what is no address of the family, WSAEFAULT where *Length, which then says how much it takes, is short. */
INT WSAAPI_WSAStringToAddressW(PCWSTR Text, INT Family, const VOID *Protocol, PSOCKET_ADDRESS_ANY Address, PINT Length)
{
    SOCKET_ADDRESS_ANY Parsed = { .Family = (USHORT)Family };
    NTSTATUS Status;

    if (!IsStarted() || Address == NULL || Length == NULL)
        return Fail(WSAEFAULT);
    if (Text == NULL || (Family != AF_INET && Family != AF_INET6))
        return Fail(WSAEINVAL);
    if (*Length < (INT)AddressSize(Parsed.Family)) {
        *Length = (INT)AddressSize(Parsed.Family);
        return Fail(WSAEFAULT);
    }
    Status = Family == AF_INET ? RtlIpv4StringToAddressExW(Text, FALSE, (PVOID)Parsed.V4.Address, &Parsed.V4.Port)
            : RtlIpv6StringToAddressExW(Text, (PVOID)Parsed.V6.Address, &Parsed.V6.ScopeId, &Parsed.V6.Port);
    if (!NT_SUCCESS(Status))
        return Fail(WSAEINVAL);
    *Length = (INT)AddressSize(Parsed.Family);
    memcpy(Address, &Parsed, (SIZE_T)*Length);
    return 0;
}

INT WSAAPI_WSAStringToAddressA(PCSTR Text, INT Family, const VOID *Protocol, PSOCKET_ADDRESS_ANY Address, PINT Length)
{
    WCHAR Wide[2 * TEXT_LENGTH];

    if (Text != NULL && !Widen(Text, Wide, ARRAYSIZE(Wide)))
        return Fail(WSAEINVAL);
    return WSAAPI_WSAStringToAddressW(Text != NULL ? Wide : NULL, Family, Protocol, Address, Length);
}

/* 0, or SOCKET_ERROR: WSAEINVAL for what is no address, WSAEFAULT where *Length characters, which then says how many it takes, are too few. */
INT WSAAPI_WSAAddressToStringW(const SOCKET_ADDRESS_ANY *Address, ULONG AddressLength, const VOID *Protocol, PWSTR Text, PULONG Length)
{
    NTSTATUS Status;

    if (!IsStarted() || Address == NULL || Text == NULL || Length == NULL)
        return Fail(WSAEFAULT);
    if (AddressLength < sizeof(Address->Family) || (Address->Family != AF_INET && Address->Family != AF_INET6) ||
        AddressLength < AddressSize(Address->Family))
        return Fail(WSAEINVAL);
    Status = Address->Family == AF_INET ? RtlIpv4AddressToStringExW((PVOID)Address->V4.Address, Address->V4.Port, Text, Length)
            : RtlIpv6AddressToStringExW((PVOID)Address->V6.Address, Address->V6.ScopeId, Address->V6.Port, Text, Length);
    return NT_SUCCESS(Status) ? 0 : Fail(WSAEFAULT);
}

INT WSAAPI_WSAAddressToStringA(const SOCKET_ADDRESS_ANY *Address, ULONG AddressLength, const VOID *Protocol, PSTR Text, PULONG Length)
{
    WCHAR Wide[TEXT_LENGTH];
    ULONG Characters = Length != NULL ? min(*Length, TEXT_LENGTH) : 0;
    INT Result = WSAAPI_WSAAddressToStringW(Address, AddressLength, Protocol, Text != NULL ? Wide : NULL, Length != NULL ? &Characters : NULL);

    if (Length != NULL)
        *Length = Characters;
    if (Result == 0)
        Narrow(Wide, Text);
    return Result;
}

/* The text is the thread's, until its next call; NULL before WSAStartup. */
PSTR WSAAPI_inet_ntoa(ULONG Address)
{
    PVOID *Text = &NtCurrentTeb()->WinSockData;

    if (IsStarted() && *Text == NULL)
        *Text = RtlAllocateHeap(RtlProcessHeap(), 0, IPV4_TEXT);
    if (!IsStarted() || *Text == NULL) {
        SetError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    RtlIpv4AddressToStringA((PVOID)&Address, *Text);
    return *Text;
}
