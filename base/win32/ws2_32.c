/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ws2_32.dll of a machine without a network: WSAStartup answers WSASYSNOTREADY, which Windows documents for this, and every function
 * that needs a started library answers as one that was never started, with WSANOTINITIALISED.  Byte order, error numbers and
 * addresses as text need no network and work.  ws2_32.def gives each export its function.
 *
 * DIFFERS: inet_ntoa and the functions for text of version 6 addresses answer WSANOTINITIALISED too.
 */
#include "ntdll.h"

enum { SYSTEM_NOT_READY = 10091, NOT_INITIALISED = 10093 };

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved);
INT_PTR NotStarted(VOID);
PVOID NothingFound(VOID);
INT NotStartedCode(VOID);
INT WSAAPI_WSAStartup(USHORT Version, PVOID Data);
INT WSAAPI_WSAGetLastError(VOID);
VOID WSAAPI_WSASetLastError(INT Error);
ULONG WSAAPI_htonl(ULONG Value);
USHORT WSAAPI_htons(USHORT Value);
ULONG WSAAPI_inet_addr(PCSTR Text);
INT WSAAPI_FDIsSet(ULONG_PTR Socket, const VOID *Set);

/* The answer of functions that say SOCKET_ERROR, INVALID_SOCKET or WSA_WAIT_FAILED. */
INT_PTR NotStarted(VOID)
{
    WSAAPI_WSASetLastError(NOT_INITIALISED);
    return -1;
}

/* The answer of functions that say NULL or FALSE. */
PVOID NothingFound(VOID)
{
    WSAAPI_WSASetLastError(NOT_INITIALISED);
    return NULL;
}

/* The answer of functions whose value is the error itself. */
INT NotStartedCode(VOID)
{
    WSAAPI_WSASetLastError(NOT_INITIALISED);
    return NOT_INITIALISED;
}

INT WSAAPI_WSAStartup(USHORT Version, PVOID Data)
{
    return SYSTEM_NOT_READY;
}

INT WSAAPI_WSAGetLastError(VOID)
{
    return (INT)NtCurrentTeb()->LastErrorValue;
}

VOID WSAAPI_WSASetLastError(INT Error)
{
    NtCurrentTeb()->LastErrorValue = (ULONG)Error;
}

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
        return 0xFFFFFFFF;
    return Address;
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

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved)
{
    return TRUE;
}
