/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the sources of ws2_32.dll share: winsock2.h and ws2tcpip.h do not go together with NT's headers.
 */
#pragma once
#include "ntdll.h"

#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 23
#define SOCKET_ERROR (-1)

/* WSANOTINITIALISED before WSAStartup, Error after it. */
VOID SetError(INT Error);
BOOLEAN IsStarted(VOID);
INT WSAAPI_WSAGetLastError(VOID);
VOID WSAAPI_WSASetLastError(INT Error);
