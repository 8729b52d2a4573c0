/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The registry key of the current user: \Registry\User\SID, with the SID of the thread's token if it impersonates,
 * else of the process's.
 */
#include "ntdllp.h"

#define USER_KEY L"\\REGISTRY\\USER\\"
#define SID_CHARACTERS 200
#define DEFAULT_USER_KEY USER_KEY L".DEFAULT"

static NTSTATUS RtlpQueryTokenUser(TOKEN_USER *User, ULONG Size)
{
    HANDLE Token;
    NTSTATUS Status = NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token);

    if (Status == STATUS_NO_TOKEN)
        Status = NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY, &Token);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtQueryInformationToken(Token, TokenUser, User, Size, &Size);
    NtClose(Token);
    return Status;
}

/* KeyPath's buffer is freed with RtlFreeUnicodeString. */
NTSTATUS NTAPI RtlFormatCurrentUserKeyPath(PUNICODE_STRING KeyPath)
{
    union {
        TOKEN_USER User;
        UCHAR Room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } Token;
    WCHAR SidBuffer[SID_CHARACTERS];
    UNICODE_STRING Sid = { 0, sizeof(SidBuffer), SidBuffer };
    NTSTATUS Status = RtlpQueryTokenUser(&Token.User, sizeof(Token));

    if (NT_SUCCESS(Status))
        Status = RtlConvertSidToUnicodeString(&Sid, Token.User.User.Sid, FALSE);
    if (!NT_SUCCESS(Status))
        return Status;
    KeyPath->Length = 0;
    KeyPath->MaximumLength = sizeof(USER_KEY) + Sid.Length;
    KeyPath->Buffer = RtlAllocateHeap(RtlProcessHeap(), 0, KeyPath->MaximumLength);
    if (KeyPath->Buffer == NULL)
        return STATUS_NO_MEMORY;
    RtlAppendUnicodeToString(KeyPath, USER_KEY);
    return RtlAppendUnicodeStringToString(KeyPath, &Sid);
}

static NTSTATUS RtlpOpenUserKey(PUNICODE_STRING Path, ACCESS_MASK DesiredAccess, PHANDLE KeyHandle)
{
    OBJECT_ATTRIBUTES Attributes;

    InitializeObjectAttributes(&Attributes, Path, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtOpenKey(KeyHandle, DesiredAccess, &Attributes);
}

/* A user whose hive is not loaded gets the default user's key. */
NTSTATUS NTAPI RtlOpenCurrentUser(ACCESS_MASK DesiredAccess, PHANDLE KeyHandle)
{
    UNICODE_STRING Default = RTL_CONSTANT_UNICODE_STRING(DEFAULT_USER_KEY), Path;
    NTSTATUS Status = RtlFormatCurrentUserKeyPath(&Path);

    if (NT_SUCCESS(Status)) {
        Status = RtlpOpenUserKey(&Path, DesiredAccess, KeyHandle);
        RtlFreeUnicodeString(&Path);
    }
    return NT_SUCCESS(Status) ? Status : RtlpOpenUserKey(&Default, DesiredAccess, KeyHandle);
}
