/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Stands in for include/nt.h where rtl/ is compiled for the build host, with its sanitizers: the types of Windows'
 * headers that rtl/ uses, with their layout.  Compiled with -fshort-wchar.  The C names that rtl/ defines are
 * renamed, so that the host's own library stays whole.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define memcpy rtl_memcpy
#define memmove rtl_memmove
#define memset rtl_memset
#define memcmp rtl_memcmp
#define memchr rtl_memchr
#define strlen rtl_strlen
#define strnlen rtl_strnlen
#define strcmp rtl_strcmp
#define strncmp rtl_strncmp
#define strcpy rtl_strcpy
#define strncpy rtl_strncpy
#define strcat rtl_strcat
#define strncat rtl_strncat
#define strchr rtl_strchr
#define strrchr rtl_strrchr
#define strstr rtl_strstr
#define strspn rtl_strspn
#define strcspn rtl_strcspn
#define strpbrk rtl_strpbrk
#define strtol rtl_strtol
#define strtoul rtl_strtoul
#define wcslen rtl_wcslen
#define wcsnlen rtl_wcsnlen
#define wcscmp rtl_wcscmp
#define wcsncmp rtl_wcsncmp
#define wcscpy rtl_wcscpy
#define wcsncpy rtl_wcsncpy
#define wcscat rtl_wcscat
#define wcsncat rtl_wcsncat
#define wcschr rtl_wcschr
#define wcsrchr rtl_wcsrchr
#define wcsstr rtl_wcsstr
#define wcsspn rtl_wcsspn
#define wcscspn rtl_wcscspn
#define wcspbrk rtl_wcspbrk
#define wcstol rtl_wcstol
#define wcstoul rtl_wcstoul
#define isdigit rtl_isdigit
#define isupper rtl_isupper
#define islower rtl_islower
#define isalpha rtl_isalpha
#define isalnum rtl_isalnum
#define isspace rtl_isspace
#define isxdigit rtl_isxdigit
#define isprint rtl_isprint
#define iscntrl rtl_iscntrl
#define isgraph rtl_isgraph
#define ispunct rtl_ispunct
#define tolower rtl_tolower
#define toupper rtl_toupper
#define towlower rtl_towlower
#define towupper rtl_towupper

#define NTAPI
#define NTSYSAPI
#define FASTCALL
#define CONST const
#define VOID void
#define TRUE 1
#define FALSE 0
#define UNALIGNED
#define MAXDWORD 0xffffffffu
#define ANYSIZE_ARRAY 1

typedef void *PVOID, *HANDLE, *PSID, *PSECURITY_DESCRIPTOR;
typedef const void *LPCVOID;
typedef char CHAR, CCHAR, *PCHAR, *PSZ;
typedef const char *PCSZ, *PCSTR, *PCCH, *LPCSTR;
typedef unsigned char UCHAR, BYTE, BOOLEAN, *PUCHAR, *PBOOLEAN;
typedef int16_t SHORT;
typedef uint16_t USHORT, WORD, *PUSHORT;
typedef int32_t LONG, INT, BOOL, NTSTATUS, *PLONG;
typedef uint32_t ULONG, DWORD, UINT, ACCESS_MASK, SECURITY_INFORMATION, *PULONG, *PDWORD, *PACCESS_MASK;
typedef int64_t LONGLONG, LONG_PTR;
typedef uint64_t ULONGLONG, ULONG_PTR, SIZE_T, DWORD64, *PULONGLONG, *PULONG_PTR, *PSIZE_T;
typedef wchar_t WCHAR, *PWSTR, *PWCH, *PWCHAR;
typedef const wchar_t *PCWSTR, *PCWCH;
typedef unsigned short wint_t;
typedef SHORT CSHORT;
_Static_assert(sizeof(WCHAR) == 2, "compile with -fshort-wchar");

#define min(a, b) ((a) < (b) ? (a) : (b))
#define RTL_NUMBER_OF(Array) (sizeof(Array) / sizeof((Array)[0]))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define FIELD_OFFSET(Type, Field) ((LONG)offsetof(Type, Field))
#define CONTAINING_RECORD(Address, Type, Field) ((Type *)((PCHAR)(Address) - offsetof(Type, Field)))
#define ARRAYSIZE(Array) (sizeof(Array) / sizeof((Array)[0]))
#define NT_SUCCESS(Status) ((NTSTATUS)(Status) >= 0)

#include <ntstatus.h>
#ifndef STATUS_SUCCESS
#define STATUS_SUCCESS ((NTSTATUS)0)
#endif

typedef union _LARGE_INTEGER {
    struct {
        ULONG LowPart;
        LONG HighPart;
    };
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink, *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _STRING {
    USHORT Length, MaximumLength;
    PCHAR Buffer;
} STRING, ANSI_STRING, OEM_STRING, *PSTRING, *PANSI_STRING, *PCANSI_STRING, *POEM_STRING;
typedef struct _UNICODE_STRING {
    USHORT Length, MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;
#define RTL_CONSTANT_UNICODE_STRING(s) { sizeof(s) - sizeof((s)[0]), sizeof(s), (PWSTR)(s) }

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2, Data3;
    UCHAR Data4[8];
} GUID;

typedef struct _RTL_BALANCED_NODE {
    union {
        struct _RTL_BALANCED_NODE *Children[2];
        struct {
            struct _RTL_BALANCED_NODE *Left, *Right;
        };
    };
    ULONG_PTR ParentValue;
} RTL_BALANCED_NODE, *PRTL_BALANCED_NODE;

/* --- security ---------------------------------------------------------------------------------------------------- */
#define SID_REVISION 1
#define SID_MAX_SUB_AUTHORITIES 15
typedef struct _SID_IDENTIFIER_AUTHORITY {
    UCHAR Value[6];
} SID_IDENTIFIER_AUTHORITY, *PSID_IDENTIFIER_AUTHORITY;
typedef struct _SID {
    UCHAR Revision, SubAuthorityCount;
    SID_IDENTIFIER_AUTHORITY IdentifierAuthority;
    DWORD SubAuthority[ANYSIZE_ARRAY];
} SID;
#define MIN_ACL_REVISION 2
#define ACL_REVISION 2
#define MAX_ACL_REVISION 4
typedef struct _ACL {
    UCHAR AclRevision, Sbz1;
    USHORT AclSize, AceCount, Sbz2;
} ACL, *PACL;
typedef struct _ACE_HEADER {
    UCHAR AceType, AceFlags;
    USHORT AceSize;
} ACE_HEADER, *PACE_HEADER;
typedef struct _ACCESS_ALLOWED_ACE {
    ACE_HEADER Header;
    ACCESS_MASK Mask;
    DWORD SidStart;
} ACCESS_ALLOWED_ACE;
enum {
    ACCESS_ALLOWED_ACE_TYPE = 0,
    ACCESS_DENIED_ACE_TYPE = 1,
    SYSTEM_AUDIT_ACE_TYPE = 2,
    SYSTEM_ALARM_ACE_TYPE = 3,
    ACCESS_ALLOWED_CALLBACK_ACE_TYPE = 9,
    ACCESS_DENIED_CALLBACK_ACE_TYPE = 10,
    SYSTEM_MANDATORY_LABEL_ACE_TYPE = 17,
    SUCCESSFUL_ACCESS_ACE_FLAG = 0x40,
    FAILED_ACCESS_ACE_FLAG = 0x80
};
typedef enum _ACL_INFORMATION_CLASS { AclRevisionInformation = 1, AclSizeInformation } ACL_INFORMATION_CLASS;
typedef struct _ACL_REVISION_INFORMATION {
    DWORD AclRevision;
} ACL_REVISION_INFORMATION, *PACL_REVISION_INFORMATION;
typedef struct _ACL_SIZE_INFORMATION {
    DWORD AceCount, AclBytesInUse, AclBytesFree;
} ACL_SIZE_INFORMATION, *PACL_SIZE_INFORMATION;
typedef struct _GENERIC_MAPPING {
    ACCESS_MASK GenericRead, GenericWrite, GenericExecute, GenericAll;
} GENERIC_MAPPING;
#define GENERIC_READ 0x80000000u
#define GENERIC_WRITE 0x40000000u
#define GENERIC_EXECUTE 0x20000000u
#define GENERIC_ALL 0x10000000u
typedef USHORT SECURITY_DESCRIPTOR_CONTROL, *PSECURITY_DESCRIPTOR_CONTROL;
#define SECURITY_DESCRIPTOR_REVISION 1
enum {
    SE_OWNER_DEFAULTED = 0x1,
    SE_GROUP_DEFAULTED = 0x2,
    SE_DACL_PRESENT = 0x4,
    SE_DACL_DEFAULTED = 0x8,
    SE_SACL_PRESENT = 0x10,
    SE_SACL_DEFAULTED = 0x20,
    SE_DACL_AUTO_INHERIT_REQ = 0x100,
    SE_SACL_AUTO_INHERIT_REQ = 0x200,
    SE_DACL_AUTO_INHERITED = 0x400,
    SE_SACL_AUTO_INHERITED = 0x800,
    SE_DACL_PROTECTED = 0x1000,
    SE_SACL_PROTECTED = 0x2000,
    SE_SELF_RELATIVE = 0x8000,
    OWNER_SECURITY_INFORMATION = 1,
    GROUP_SECURITY_INFORMATION = 2
};
typedef struct _SECURITY_DESCRIPTOR {
    UCHAR Revision, Sbz1;
    SECURITY_DESCRIPTOR_CONTROL Control;
    PSID Owner, Group;
    PACL Sacl, Dacl;
} SECURITY_DESCRIPTOR;
typedef struct _SECURITY_DESCRIPTOR_RELATIVE {
    UCHAR Revision, Sbz1;
    SECURITY_DESCRIPTOR_CONTROL Control;
    DWORD Owner, Group, Sacl, Dacl;
} SECURITY_DESCRIPTOR_RELATIVE;

/* --- PE: rtl.h names these types; image.c is tested by the loader's tests ---------------------------------------- */
typedef struct _IMAGE_NT_HEADERS *PIMAGE_NT_HEADERS;
typedef struct _IMAGE_SECTION_HEADER *PIMAGE_SECTION_HEADER;

void *memcpy(void *restrict To, const void *restrict From, size_t Count);
void *memmove(void *To, const void *From, size_t Count);
void *memset(void *To, int Fill, size_t Count);
int memcmp(const void *First, const void *Second, size_t Count);
void *memchr(const void *Memory, int Value, size_t Count);
size_t strlen(const char *String);
size_t strnlen(const char *String, size_t Maximum);
int strcmp(const char *First, const char *Second);
int strncmp(const char *First, const char *Second, size_t Count);
int _stricmp(const char *First, const char *Second);
int _strnicmp(const char *First, const char *Second, size_t Count);
char *strcpy(char *restrict To, const char *restrict From);
char *strncpy(char *restrict To, const char *restrict From, size_t Count);
char *strcat(char *restrict To, const char *restrict From);
char *strncat(char *restrict To, const char *restrict From, size_t Count);
char *strchr(const char *String, int Character);
char *strrchr(const char *String, int Character);
char *strstr(const char *String, const char *Sought);
size_t strspn(const char *String, const char *Set);
size_t strcspn(const char *String, const char *Set);
char *strpbrk(const char *String, const char *Set);
size_t wcslen(const wchar_t *String);
size_t wcsnlen(const wchar_t *String, size_t Maximum);
int wcscmp(const wchar_t *First, const wchar_t *Second);
int wcsncmp(const wchar_t *First, const wchar_t *Second, size_t Count);
int _wcsicmp(const wchar_t *First, const wchar_t *Second);
int _wcsnicmp(const wchar_t *First, const wchar_t *Second, size_t Count);
wchar_t *wcscpy(wchar_t *restrict To, const wchar_t *restrict From);
wchar_t *wcsncpy(wchar_t *restrict To, const wchar_t *restrict From, size_t Count);
wchar_t *wcscat(wchar_t *restrict To, const wchar_t *restrict From);
wchar_t *wcsncat(wchar_t *restrict To, const wchar_t *restrict From, size_t Count);
wchar_t *wcschr(const wchar_t *String, wchar_t Character);
wchar_t *wcsrchr(const wchar_t *String, wchar_t Character);
wchar_t *wcsstr(const wchar_t *String, const wchar_t *Sought);
size_t wcsspn(const wchar_t *String, const wchar_t *Set);
size_t wcscspn(const wchar_t *String, const wchar_t *Set);
wchar_t *wcspbrk(const wchar_t *String, const wchar_t *Set);
int isdigit(int Character);
int isupper(int Character);
int islower(int Character);
int isalpha(int Character);
int isalnum(int Character);
int isspace(int Character);
int isxdigit(int Character);
int isprint(int Character);
int iscntrl(int Character);
int isgraph(int Character);
int ispunct(int Character);
int tolower(int Character);
int toupper(int Character);
wint_t towlower(wint_t Character);
wint_t towupper(wint_t Character);
SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length);
VOID NTAPI RtlInitString(PSTRING DestinationString, PCSZ SourceString);
VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString);
NTSTATUS NTAPI RtlInitStringEx(PSTRING DestinationString, PCSZ SourceString);
NTSTATUS NTAPI RtlInitAnsiStringEx(PSTRING DestinationString, PCSZ SourceString);
VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString);
VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString);
VOID NTAPI RtlFreeOemString(POEM_STRING OemString);
BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING Destination, PCANSI_STRING Source, BOOLEAN Allocate);
NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING Destination, PCUNICODE_STRING Source, BOOLEAN Allocate);
NTSTATUS NTAPI RtlUnicodeStringToOemString(POEM_STRING Destination, PCUNICODE_STRING Source, BOOLEAN Allocate);
NTSTATUS NTAPI RtlUnicodeToMultiByteSize(PULONG Bytes, PWCH UnicodeString, ULONG BytesInUnicodeString);
NTSTATUS NTAPI RtlCharToInteger(PCSZ String, ULONG Base, PULONG Value);
NTSTATUS NTAPI RtlConvertSidToUnicodeString(PUNICODE_STRING UnicodeString, PSID Sid, BOOLEAN Allocate);
ULONG NTAPI RtlUniform(PULONG Seed);
BOOLEAN NTAPI RtlTimeToSecondsSince1970(PLARGE_INTEGER Time, PULONG ElapsedSeconds);
BOOLEAN NTAPI RtlCreateUnicodeStringFromAsciiz(PUNICODE_STRING Target, LPCSTR Source);

#include "pe.h"
