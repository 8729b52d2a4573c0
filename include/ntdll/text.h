/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Text of special kinds: normalization, domain names, internet addresses, atoms.
 */
#pragma once

NTSTATUS NTAPI RtlNormalizeString(ULONG Form, PCWSTR Source, LONG SourceLength, PWSTR Destination,
        PLONG DestinationLength);
NTSTATUS NTAPI RtlIsNormalizedString(ULONG Form, PCWSTR Source, LONG SourceLength, PBOOLEAN Normalized);
NTSTATUS NTAPI RtlIdnToAscii(ULONG Flags, PCWSTR Source, LONG SourceLength, PWSTR Destination, PLONG DestinationLength);
NTSTATUS NTAPI RtlIdnToNameprepUnicode(ULONG Flags, PCWSTR Source, LONG SourceLength, PWSTR Destination,
        PLONG DestinationLength);
NTSTATUS NTAPI RtlIdnToUnicode(ULONG Flags, PCWSTR Source, LONG SourceLength, PWSTR Destination,
        PLONG DestinationLength);

/* Four and sixteen bytes in network order. */
struct in_addr;
struct in6_addr;
NTSTATUS NTAPI RtlIpv4StringToAddressW(PCWSTR String, BOOLEAN Strict, PCWSTR *Terminator, struct in_addr *Address);
NTSTATUS NTAPI RtlIpv4StringToAddressA(PCSTR String, BOOLEAN Strict, PCSTR *Terminator, struct in_addr *Address);
NTSTATUS NTAPI RtlIpv4StringToAddressExW(PCWSTR String, BOOLEAN Strict, struct in_addr *Address, PUSHORT Port);
NTSTATUS NTAPI RtlIpv4StringToAddressExA(PCSTR String, BOOLEAN Strict, struct in_addr *Address, PUSHORT Port);
PWSTR NTAPI RtlIpv4AddressToStringW(const struct in_addr *Address, PWSTR String);
PSTR NTAPI RtlIpv4AddressToStringA(const struct in_addr *Address, PSTR String);
NTSTATUS NTAPI RtlIpv4AddressToStringExW(const struct in_addr *Address, USHORT Port, PWSTR String, PULONG Length);
NTSTATUS NTAPI RtlIpv4AddressToStringExA(const struct in_addr *Address, USHORT Port, PSTR String, PULONG Length);
NTSTATUS NTAPI RtlIpv6StringToAddressW(PCWSTR String, PCWSTR *Terminator, struct in6_addr *Address);
NTSTATUS NTAPI RtlIpv6StringToAddressA(PCSTR String, PCSTR *Terminator, struct in6_addr *Address);
NTSTATUS NTAPI RtlIpv6StringToAddressExW(PCWSTR String, struct in6_addr *Address, PULONG ScopeId, PUSHORT Port);
NTSTATUS NTAPI RtlIpv6StringToAddressExA(PCSTR String, struct in6_addr *Address, PULONG ScopeId, PUSHORT Port);
PWSTR NTAPI RtlIpv6AddressToStringW(const struct in6_addr *Address, PWSTR String);
PSTR NTAPI RtlIpv6AddressToStringA(const struct in6_addr *Address, PSTR String);
NTSTATUS NTAPI RtlIpv6AddressToStringExW(const struct in6_addr *Address, ULONG ScopeId, USHORT Port, PWSTR String,
        PULONG Length);
NTSTATUS NTAPI RtlIpv6AddressToStringExA(const struct in6_addr *Address, ULONG ScopeId, USHORT Port, PSTR String,
        PULONG Length);

typedef struct _RTL_ATOM_TABLE RTL_ATOM_TABLE, *PRTL_ATOM_TABLE;
typedef USHORT RTL_ATOM, *PRTL_ATOM;
NTSTATUS NTAPI RtlCreateAtomTable(ULONG Buckets, PRTL_ATOM_TABLE *Table);
NTSTATUS NTAPI RtlDestroyAtomTable(PRTL_ATOM_TABLE Table);
NTSTATUS NTAPI RtlEmptyAtomTable(PRTL_ATOM_TABLE Table, BOOLEAN DeletePinned);
NTSTATUS NTAPI RtlAddAtomToAtomTable(PRTL_ATOM_TABLE Table, PCWSTR Name, RTL_ATOM *Atom);
NTSTATUS NTAPI RtlLookupAtomInAtomTable(PRTL_ATOM_TABLE Table, PCWSTR Name, RTL_ATOM *Atom);
NTSTATUS NTAPI RtlDeleteAtomFromAtomTable(PRTL_ATOM_TABLE Table, RTL_ATOM Atom);
NTSTATUS NTAPI RtlPinAtomInAtomTable(PRTL_ATOM_TABLE Table, RTL_ATOM Atom);
NTSTATUS NTAPI RtlQueryAtomInAtomTable(PRTL_ATOM_TABLE Table, RTL_ATOM Atom, PULONG References, PULONG Pinned,
        PWSTR Name, PULONG Length);
