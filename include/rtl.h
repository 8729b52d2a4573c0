/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The run-time library: pure code that ntos, ntdll and the driver host share (the objects of rtl/).
 *
 * Everything here works on its arguments only: no services, no globals that change, no waiting, no vector
 * registers.  Names and contracts are NT's; C functions are the C standard's, as far as listed.  Routines that
 * are documented to allocate their result call the two hooks below, which each image supplies.
 *
 * Pointers must be valid in the caller's address space: ntos passes captured copies only.
 * ntdll exports the Rtl and C names of this file; what only ntdll has is in ntdll.h.
 */
#pragma once

#include <nt.h>
#include <stdarg.h>
#include <string.h>

/* Supplied by each image that links rtl/: memory for results, aligned to 16 bytes; NULL when there is none. */
PVOID RtlpAllocate(SIZE_T Bytes);
VOID RtlpFree(PVOID Memory);

#define MAXIMUM_LEADBYTES 12

typedef struct _CPTABLEINFO {
    USHORT CodePage;
    USHORT MaximumCharacterSize;        /* bytes */
    USHORT DefaultChar;                 /* for what cannot be mapped: of the code page, of UTF-16, and each translated */
    USHORT UniDefaultChar;
    USHORT TransDefaultChar;
    USHORT TransUniDefaultChar;
    USHORT DBCSCodePage;                /* 1: two bytes for some characters */
    UCHAR LeadByte[MAXIMUM_LEADBYTES];
    PUSHORT MultiByteTable;             /* 256 entries */
    PVOID WideCharTable;                /* UCHAR or (DBCSCodePage) USHORT for each UTF-16 unit */
    PUSHORT DBCSRanges;
    PUSHORT DBCSOffsets;
} CPTABLEINFO, *PCPTABLEINFO;

/* Supplied likewise: the table of the ANSI or the OEM code page; NULL: it is UTF-8. */
const CPTABLEINFO *RtlpCodePage(BOOLEAN Oem);

/* --- memory ------------------------------------------------------------------------------------------------------ */
/* memcpy, memmove, memset, memcmp, memchr: <string.h>. */
VOID NTAPI RtlFillMemoryUlong(PVOID Destination, SIZE_T Length, ULONG Pattern);
SIZE_T NTAPI RtlCompareMemoryUlong(PVOID Source, SIZE_T Length, ULONG Pattern);

/* --- doubly linked lists ----------------------------------------------------------------------------------------- */
static inline VOID InitializeListHead(PLIST_ENTRY ListHead)
{
    ListHead->Flink = ListHead->Blink = ListHead;
}

static inline BOOLEAN IsListEmpty(const LIST_ENTRY *ListHead)
{
    return ListHead->Flink == ListHead;
}

/* Unlinks Entry; TRUE if the list is empty afterwards. */
static inline BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
    Entry->Blink->Flink = Entry->Flink;
    Entry->Flink->Blink = Entry->Blink;
    return Entry->Flink == Entry->Blink;
}

static inline PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY Entry = ListHead->Flink;

    RemoveEntryList(Entry);
    return Entry;
}

static inline PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY Entry = ListHead->Blink;

    RemoveEntryList(Entry);
    return Entry;
}

static inline VOID InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    Entry->Flink = ListHead->Flink;
    Entry->Blink = ListHead;
    ListHead->Flink->Blink = Entry;
    ListHead->Flink = Entry;
}

static inline VOID InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    Entry->Flink = ListHead;
    Entry->Blink = ListHead->Blink;
    ListHead->Blink->Flink = Entry;
    ListHead->Blink = Entry;
}

/* --- C strings --------------------------------------------------------------------------------------------------- */
/* str*, wcs* of <string.h> that exist in rtl/: strlen strnlen strcmp strncmp strcpy strncpy strcat strncat strchr strrchr
 * strstr strpbrk strspn strcspn _stricmp _strnicmp, and the same with wcs; tolower & co. (ASCII), towlower/towupper. */
long strtol(const char *String, char **End, int Base);
unsigned long strtoul(const char *String, char **End, int Base);
unsigned long long _strtoui64(const char *String, char **End, int Base);
long wcstol(const wchar_t *String, wchar_t **End, int Base);
unsigned long wcstoul(const wchar_t *String, wchar_t **End, int Base);
unsigned long long _wcstoui64(const wchar_t *String, wchar_t **End, int Base);

/* Windows' printf family: %d %i %u %x %X %o %c %s %S %C %p %Z %wZ with h l ll I32 I64 w, width, precision, flags
 * - + space # 0 *; no floating point.  Returns the number of characters, or -1 if Count was too small (the text is
 * then cut, and not terminated when it fills the buffer exactly or more: Windows' _snprintf contract). */
int _snprintf(char *Buffer, size_t Count, const char *Format, ...);
int _vsnprintf(char *Buffer, size_t Count, const char *Format, va_list Arguments);
int _snwprintf(wchar_t *Buffer, size_t Count, const wchar_t *Format, ...);
int _vsnwprintf(wchar_t *Buffer, size_t Count, const wchar_t *Format, va_list Arguments);

/* The formatter below them: calls Put for each piece of text; returns the number of characters. */
typedef VOID (*PRTLP_PUT_TEXT)(PVOID Context, const char *Text, SIZE_T Length);
int RtlpFormat(PRTLP_PUT_TEXT Put, PVOID Context, const char *Format, va_list Arguments);

/* --- counted strings --------------------------------------------------------------------------------------------- */
typedef const STRING *PCSTRING;

NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString);
VOID NTAPI RtlCopyString(PSTRING DestinationString, const STRING *SourceString);
VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString);
LONG NTAPI RtlCompareString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
BOOLEAN NTAPI RtlEqualString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
BOOLEAN NTAPI RtlPrefixString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
LONG NTAPI RtlCompareUnicodeStrings(const WCHAR *String1, SIZE_T Length1, const WCHAR *String2, SIZE_T Length2,
        BOOLEAN CaseInSensitive);
BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
NTSTATUS NTAPI RtlAppendAsciizToString(PSTRING Destination, PCSZ Source);
NTSTATUS NTAPI RtlAppendStringToString(PSTRING Destination, const STRING *Source);
NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source);
NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source);
BOOLEAN NTAPI RtlCreateUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
#define RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE 1
#define RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING 2
NTSTATUS NTAPI RtlDuplicateUnicodeString(ULONG Flags, PCUNICODE_STRING SourceString, PUNICODE_STRING DestinationString);
NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
        BOOLEAN AllocateDestinationString);
NTSTATUS NTAPI RtlDowncaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
        BOOLEAN AllocateDestinationString);
VOID NTAPI RtlUpperString(PSTRING DestinationString, const STRING *SourceString);
CHAR NTAPI RtlUpperChar(CHAR Character);
VOID NTAPI RtlEraseUnicodeString(PUNICODE_STRING String);
#define RTL_FIND_CHAR_IN_UNICODE_STRING_START_AT_END 1
#define RTL_FIND_CHAR_IN_UNICODE_STRING_COMPLEMENT_CHAR_SET 2
#define RTL_FIND_CHAR_IN_UNICODE_STRING_CASE_INSENSITIVE 4
/* Byte offset after (from the end: of) the first match in *NonInclusivePrefixLength; STATUS_NOT_FOUND. */
NTSTATUS NTAPI RtlFindCharInUnicodeString(ULONG Flags, PCUNICODE_STRING StringToSearch, PCUNICODE_STRING CharSet,
        USHORT *NonInclusivePrefixLength);
#define HASH_STRING_ALGORITHM_DEFAULT 0
#define HASH_STRING_ALGORITHM_X65599 1
#define HASH_STRING_ALGORITHM_INVALID 0xffffffff
NTSTATUS NTAPI RtlHashUnicodeString(PCUNICODE_STRING String, BOOLEAN CaseInSensitive, ULONG HashAlgorithm,
        PULONG HashValue);

/* Simple (one to one) case mapping by our own table: the same in ntos and ntdll. */
WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter);
WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR SourceCharacter);

/* Does Name match Expression (* ? < > ")?  Both upcased by the caller if IgnoreCase is FALSE. */
BOOLEAN NTAPI RtlIsNameInExpression(PUNICODE_STRING Expression, PUNICODE_STRING Name, BOOLEAN IgnoreCase,
        PWCH UpcaseTable);

/* --- code pages: UTF-8, and the ANSI and OEM page ----------------------------------------------------------------- */
/* Without a table (RtlpCodePage) the ANSI and OEM code page is UTF-8. */
/* Lengths in bytes.  Destination NULL: only the size.  STATUS_BUFFER_TOO_SMALL after writing what fits;
 * STATUS_SOME_NOT_MAPPED if a part of the source was malformed (U+FFFD stands for it). */
NTSTATUS NTAPI RtlUTF8ToUnicodeN(PWSTR UnicodeStringDestination, ULONG UnicodeStringMaxByteCount,
        PULONG UnicodeStringActualByteCount, PCCH UTF8StringSource, ULONG UTF8StringByteCount);
NTSTATUS NTAPI RtlUnicodeToUTF8N(PCHAR UTF8StringDestination, ULONG UTF8StringMaxByteCount,
        PULONG UTF8StringActualByteCount, PCWCH UnicodeStringSource, ULONG UnicodeStringByteCount);
NTSTATUS NTAPI RtlMultiByteToUnicodeN(PWCH UnicodeString, ULONG MaxBytesInUnicodeString, PULONG BytesInUnicodeString,
        const CHAR *MultiByteString, ULONG BytesInMultiByteString);
NTSTATUS NTAPI RtlMultiByteToUnicodeSize(PULONG BytesInUnicodeString, const CHAR *MultiByteString,
        ULONG BytesInMultiByteString);
NTSTATUS NTAPI RtlUnicodeToMultiByteN(PCHAR MultiByteString, ULONG MaxBytesInMultiByteString,
        PULONG BytesInMultiByteString, PCWCH UnicodeString, ULONG BytesInUnicodeString);
NTSTATUS NTAPI RtlOemToUnicodeN(PWCH UnicodeString, ULONG MaxBytesInUnicodeString, PULONG BytesInUnicodeString,
        const CHAR *OemString, ULONG BytesInOemString);
NTSTATUS NTAPI RtlUnicodeToOemN(PCHAR OemString, ULONG MaxBytesInOemString, PULONG BytesInOemString,
        PCWCH UnicodeString, ULONG BytesInUnicodeString);
NTSTATUS NTAPI RtlOemStringToUnicodeString(PUNICODE_STRING DestinationString, const STRING *SourceString,
        BOOLEAN AllocateDestinationString);
ULONG NTAPI RtlxAnsiStringToUnicodeSize(const STRING *AnsiString);
ULONG NTAPI RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString);
ULONG NTAPI RtlAnsiStringToUnicodeSize(const STRING *AnsiString);
ULONG NTAPI RtlUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString);
ULONG NTAPI RtlUnicodeStringToOemSize(PCUNICODE_STRING UnicodeString);

/* --- numbers, GUIDs ---------------------------------------------------------------------------------------------- */
/* Length negative: pad with zeros to -Length.  STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER (base). */
NTSTATUS NTAPI RtlIntegerToChar(ULONG Value, ULONG Base, ULONG Length, PCHAR String);
NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String);
NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base, PUNICODE_STRING String);
NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value);
NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING GuidString, GUID *Guid);
NTSTATUS NTAPI RtlStringFromGUID(const GUID *Guid, PUNICODE_STRING GuidString);
ULONG NTAPI RtlRandom(PULONG Seed);
ULONG NTAPI RtlRandomEx(PULONG Seed);
DWORD NTAPI RtlComputeCrc32(DWORD InitialCrc, const void *Buffer, INT Length);
USHORT FASTCALL RtlUshortByteSwap(USHORT Source);
ULONG FASTCALL RtlUlongByteSwap(ULONG Source);
ULONGLONG FASTCALL RtlUlonglongByteSwap(ULONGLONG Source);

/* --- time: 100 ns units since 1601-01-01 UTC --------------------------------------------------------------------- */
typedef struct _TIME_FIELDS {
    SHORT Year;
    SHORT Month;
    SHORT Day;
    SHORT Hour;
    SHORT Minute;
    SHORT Second;
    SHORT Milliseconds;
    SHORT Weekday;
} TIME_FIELDS, *PTIME_FIELDS;
typedef struct _RTL_TIME_ZONE_INFORMATION {
    LONG Bias;
    WCHAR StandardName[32];
    TIME_FIELDS StandardStart;
    LONG StandardBias;
    WCHAR DaylightName[32];
    TIME_FIELDS DaylightStart;
    LONG DaylightBias;
} RTL_TIME_ZONE_INFORMATION, *PRTL_TIME_ZONE_INFORMATION;
typedef struct _RTL_DYNAMIC_TIME_ZONE_INFORMATION {
    RTL_TIME_ZONE_INFORMATION Zone;
    WCHAR TimeZoneKeyName[128];
    BOOLEAN DynamicDaylightTimeDisabled;
} RTL_DYNAMIC_TIME_ZONE_INFORMATION, *PRTL_DYNAMIC_TIME_ZONE_INFORMATION;

VOID NTAPI RtlTimeToTimeFields(const LARGE_INTEGER *Time, PTIME_FIELDS TimeFields);
/* FALSE if a field is out of range (years 1601..30827). */
BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time);
BOOLEAN NTAPI RtlTimeToSecondsSince1980(PLARGE_INTEGER Time, PULONG ElapsedSeconds);
VOID NTAPI RtlSecondsSince1970ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time);
VOID NTAPI RtlSecondsSince1980ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time);

/* --- bitmaps ----------------------------------------------------------------------------------------------------- */
#ifndef _RTL_BITMAP_DEFINED
#define _RTL_BITMAP_DEFINED
typedef struct _RTL_BITMAP {
    ULONG SizeOfBitMap;
    PULONG Buffer;
} RTL_BITMAP, *PRTL_BITMAP;
typedef struct _RTL_BITMAP_RUN {
    ULONG StartingIndex;
    ULONG NumberOfBits;
} RTL_BITMAP_RUN, *PRTL_BITMAP_RUN;
#endif

VOID NTAPI RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer, ULONG SizeOfBitMap);
VOID NTAPI RtlClearAllBits(PRTL_BITMAP BitMapHeader);
VOID NTAPI RtlSetAllBits(PRTL_BITMAP BitMapHeader);
VOID NTAPI RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
VOID NTAPI RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
BOOLEAN NTAPI RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
VOID NTAPI RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToSet);
VOID NTAPI RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToClear);
BOOLEAN NTAPI RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length);
BOOLEAN NTAPI RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length);
/* First run of that many bits at or after HintIndex, then from the start; 0xffffffff if there is none. */
ULONG NTAPI RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
ULONG NTAPI RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
ULONG NTAPI RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
ULONG NTAPI RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
ULONG NTAPI RtlFindNextForwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex, PULONG StartingRunIndex);
ULONG NTAPI RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader);
ULONG NTAPI RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader);

/* --- AVL trees --------------------------------------------------------------------------------------------------- */
/* Intrusive form, no allocation: the caller finds the place and owns the node's memory.
 *
 * RtlAvlInsertNodeEx links Node as the left or right child of Parent (NULL: empty tree) and rebalances.
 * To walk in order: RtlAvlFirst, RtlAvlNext. */
typedef struct _RTL_AVL_TREE {
    PRTL_BALANCED_NODE Root;
} RTL_AVL_TREE, *PRTL_AVL_TREE;

VOID NTAPI RtlAvlInsertNodeEx(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Parent, BOOLEAN Right, PRTL_BALANCED_NODE Node);
VOID NTAPI RtlAvlRemoveNode(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Node);
PRTL_BALANCED_NODE RtlAvlFirst(const RTL_AVL_TREE *Tree);
PRTL_BALANCED_NODE RtlAvlLast(const RTL_AVL_TREE *Tree);
PRTL_BALANCED_NODE RtlAvlNext(const RTL_BALANCED_NODE *Node);
PRTL_BALANCED_NODE RtlAvlPrevious(const RTL_BALANCED_NODE *Node);

/* Table form: elements are copied into nodes that AllocateRoutine provides. */
typedef enum _RTL_GENERIC_COMPARE_RESULTS {
    GenericLessThan,
    GenericGreaterThan,
    GenericEqual
} RTL_GENERIC_COMPARE_RESULTS;
typedef enum _TABLE_SEARCH_RESULT {
    TableEmptyTree,
    TableFoundNode,
    TableInsertAsLeft,
    TableInsertAsRight
} TABLE_SEARCH_RESULT;
struct _RTL_AVL_TABLE;
typedef RTL_GENERIC_COMPARE_RESULTS (NTAPI *PRTL_AVL_COMPARE_ROUTINE)(struct _RTL_AVL_TABLE *Table, PVOID FirstStruct,
        PVOID SecondStruct);
typedef PVOID (NTAPI *PRTL_AVL_ALLOCATE_ROUTINE)(struct _RTL_AVL_TABLE *Table, ULONG ByteSize);
typedef VOID (NTAPI *PRTL_AVL_FREE_ROUTINE)(struct _RTL_AVL_TABLE *Table, PVOID Buffer);
typedef struct _RTL_BALANCED_LINKS {
    struct _RTL_BALANCED_LINKS *Parent;
    struct _RTL_BALANCED_LINKS *LeftChild;
    struct _RTL_BALANCED_LINKS *RightChild;
    CHAR Balance;
    UCHAR Reserved[3];
} RTL_BALANCED_LINKS, *PRTL_BALANCED_LINKS;
typedef struct _RTL_AVL_TABLE {
    RTL_BALANCED_LINKS BalancedRoot;
    PVOID OrderedPointer;
    ULONG WhichOrderedElement;
    ULONG NumberGenericTableElements;
    ULONG DepthOfTree;
    PRTL_BALANCED_LINKS RestartKey;
    ULONG DeleteCount;
    PRTL_AVL_COMPARE_ROUTINE CompareRoutine;
    PRTL_AVL_ALLOCATE_ROUTINE AllocateRoutine;
    PRTL_AVL_FREE_ROUTINE FreeRoutine;
    PVOID TableContext;
} RTL_AVL_TABLE, *PRTL_AVL_TABLE;

VOID NTAPI RtlInitializeGenericTableAvl(PRTL_AVL_TABLE Table, PRTL_AVL_COMPARE_ROUTINE CompareRoutine,
        PRTL_AVL_ALLOCATE_ROUTINE AllocateRoutine, PRTL_AVL_FREE_ROUTINE FreeRoutine, PVOID TableContext);
PVOID NTAPI RtlInsertElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer, ULONG BufferSize, PBOOLEAN NewElement);
BOOLEAN NTAPI RtlDeleteElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer);
PVOID NTAPI RtlLookupElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer);
PVOID NTAPI RtlEnumerateGenericTableAvl(PRTL_AVL_TABLE Table, BOOLEAN Restart);
PVOID NTAPI RtlEnumerateGenericTableWithoutSplayingAvl(PRTL_AVL_TABLE Table, PVOID *RestartKey);
PVOID NTAPI RtlGetElementGenericTableAvl(PRTL_AVL_TABLE Table, ULONG Index);
ULONG NTAPI RtlNumberGenericTableElementsAvl(PRTL_AVL_TABLE Table);
BOOLEAN NTAPI RtlIsGenericTableEmptyAvl(PRTL_AVL_TABLE Table);

/* --- SIDs, ACLs, security descriptors ---------------------------------------------------------------------------- */
BOOLEAN NTAPI RtlValidSid(PSID Sid);
BOOLEAN NTAPI RtlEqualSid(PSID Sid1, PSID Sid2);
BOOLEAN NTAPI RtlEqualPrefixSid(PSID Sid1, PSID Sid2);
ULONG NTAPI RtlLengthRequiredSid(ULONG SubAuthorityCount);
ULONG NTAPI RtlLengthSid(PSID Sid);
NTSTATUS NTAPI RtlInitializeSid(PSID Sid, PSID_IDENTIFIER_AUTHORITY IdentifierAuthority, UCHAR SubAuthorityCount);
PSID_IDENTIFIER_AUTHORITY NTAPI RtlIdentifierAuthoritySid(PSID Sid);
PULONG NTAPI RtlSubAuthoritySid(PSID Sid, ULONG SubAuthority);
PUCHAR NTAPI RtlSubAuthorityCountSid(PSID Sid);
NTSTATUS NTAPI RtlCopySid(ULONG DestinationSidLength, PSID DestinationSid, PSID SourceSid);
NTSTATUS NTAPI RtlAllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY IdentifierAuthority, UCHAR SubAuthorityCount,
        ULONG SubAuthority0, ULONG SubAuthority1, ULONG SubAuthority2, ULONG SubAuthority3, ULONG SubAuthority4,
        ULONG SubAuthority5, ULONG SubAuthority6, ULONG SubAuthority7, PSID *Sid);
PVOID NTAPI RtlFreeSid(PSID Sid);

NTSTATUS NTAPI RtlCreateAcl(PACL Acl, ULONG AclLength, ULONG AclRevision);
/* Structure, sizes and every ACE header inside AclSize. */
BOOLEAN NTAPI RtlValidAcl(PACL Acl);
NTSTATUS NTAPI RtlAddAce(PACL Acl, ULONG AceRevision, ULONG StartingAceIndex, PVOID AceList, ULONG AceListLength);
NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL Acl, ULONG AceRevision, ACCESS_MASK AccessMask, PSID Sid);
NTSTATUS NTAPI RtlAddAccessAllowedAceEx(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask, PSID Sid);
NTSTATUS NTAPI RtlAddAccessDeniedAce(PACL Acl, ULONG AceRevision, ACCESS_MASK AccessMask, PSID Sid);
NTSTATUS NTAPI RtlAddAccessDeniedAceEx(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask, PSID Sid);
NTSTATUS NTAPI RtlAddAuditAccessAce(PACL Acl, ULONG AceRevision, ACCESS_MASK AccessMask, PSID Sid, BOOLEAN AuditSuccess,
        BOOLEAN AuditFailure);
NTSTATUS NTAPI RtlAddAuditAccessAceEx(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask, PSID Sid,
        BOOLEAN AuditSuccess, BOOLEAN AuditFailure);
NTSTATUS NTAPI RtlAddMandatoryAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ULONG MandatoryFlags, ULONG AceType,
        PSID LabelSid);
NTSTATUS NTAPI RtlDeleteAce(PACL Acl, ULONG AceIndex);
NTSTATUS NTAPI RtlGetAce(PACL Acl, ULONG AceIndex, PVOID *Ace);
BOOLEAN NTAPI RtlFirstFreeAce(PACL Acl, PVOID *FirstFree);
NTSTATUS NTAPI RtlQueryInformationAcl(PACL Acl, PVOID AclInformation, ULONG AclInformationLength,
        ACL_INFORMATION_CLASS AclInformationClass);

NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, ULONG Revision);
BOOLEAN NTAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor);
/* Self-relative descriptor from outside, of Length bytes: structure, owner/group when asked for, ACLs inside it. */
BOOLEAN NTAPI RtlValidRelativeSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
        ULONG SecurityDescriptorLength, SECURITY_INFORMATION RequiredInformation);
ULONG NTAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor);
NTSTATUS NTAPI RtlGetControlSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
        PSECURITY_DESCRIPTOR_CONTROL Control, PULONG Revision);
NTSTATUS NTAPI RtlSetControlSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
        SECURITY_DESCRIPTOR_CONTROL ControlBitsOfInterest, SECURITY_DESCRIPTOR_CONTROL ControlBitsToSet);
NTSTATUS NTAPI RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PBOOLEAN DaclPresent, PACL *Dacl,
        PBOOLEAN DaclDefaulted);
NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN DaclPresent, PACL Dacl,
        BOOLEAN DaclDefaulted);
NTSTATUS NTAPI RtlGetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PBOOLEAN SaclPresent, PACL *Sacl,
        PBOOLEAN SaclDefaulted);
NTSTATUS NTAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN SaclPresent, PACL Sacl,
        BOOLEAN SaclDefaulted);
NTSTATUS NTAPI RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID *Owner,
        PBOOLEAN OwnerDefaulted);
NTSTATUS NTAPI RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID Owner,
        BOOLEAN OwnerDefaulted);
NTSTATUS NTAPI RtlGetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID *Group,
        PBOOLEAN GroupDefaulted);
NTSTATUS NTAPI RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID Group,
        BOOLEAN GroupDefaulted);
NTSTATUS NTAPI RtlAbsoluteToSelfRelativeSD(PSECURITY_DESCRIPTOR AbsoluteSecurityDescriptor,
        PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor, PULONG BufferLength);
NTSTATUS NTAPI RtlMakeSelfRelativeSD(PSECURITY_DESCRIPTOR SecurityDescriptor,
        PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor, PULONG BufferLength);
NTSTATUS NTAPI RtlSelfRelativeToAbsoluteSD(PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor,
        PSECURITY_DESCRIPTOR AbsoluteSecurityDescriptor, PULONG AbsoluteSecurityDescriptorSize, PACL Dacl,
        PULONG DaclSize, PACL Sacl, PULONG SaclSize, PSID Owner, PULONG OwnerSize, PSID PrimaryGroup,
        PULONG PrimaryGroupSize);
VOID NTAPI RtlMapGenericMask(PACCESS_MASK AccessMask, const GENERIC_MAPPING *GenericMapping);
BOOLEAN NTAPI RtlAreAllAccessesGranted(ACCESS_MASK GrantedAccess, ACCESS_MASK DesiredAccess);
BOOLEAN NTAPI RtlAreAnyAccessesGranted(ACCESS_MASK GrantedAccess, ACCESS_MASK DesiredAccess);

/* --- PE images --------------------------------------------------------------------------------------------------- */
#define RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK 1
/* Base of a mapped image or file, low bits (data file mark) set or not.  NULL if it is no PE image.  RtlImageNtHeader is ntdll's alone,
 * and says so of memory that cannot be read, too. */
PIMAGE_NT_HEADERS RtlpImageNtHeader(PVOID BaseOfImage);
PIMAGE_NT_HEADERS NTAPI RtlImageNtHeader(PVOID BaseOfImage);
NTSTATUS NTAPI RtlImageNtHeaderEx(ULONG Flags, PVOID BaseOfImage, ULONGLONG Size, PIMAGE_NT_HEADERS *OutHeaders);
PVOID NTAPI RtlImageDirectoryEntryToData(PVOID BaseOfImage, BOOLEAN MappedAsImage, USHORT DirectoryEntry, PULONG Size);
PIMAGE_SECTION_HEADER NTAPI RtlImageRvaToSection(PIMAGE_NT_HEADERS NtHeaders, PVOID BaseOfImage, ULONG Rva);
PVOID NTAPI RtlImageRvaToVa(PIMAGE_NT_HEADERS NtHeaders, PVOID BaseOfImage, ULONG Rva,
        PIMAGE_SECTION_HEADER *LastRvaSection);
PVOID NTAPI RtlFindExportedRoutineByName(PVOID BaseOfImage, PCSZ RoutineName);

/* --- digests ----------------------------------------------------------------------------------------------------- */
typedef struct _MD4_CTX {
    ULONG buf[4];
    ULONG i[2];
    UCHAR in[64];
    UCHAR digest[16];
} MD4_CTX;
typedef struct _MD5_CTX {
    ULONG i[2];
    ULONG buf[4];
    UCHAR in[64];
    UCHAR digest[16];
} MD5_CTX;
typedef struct _SHA_CTX {
    ULONG Unknown[6];
    ULONG State[5];
    ULONG Count[2];
    UCHAR Buffer[64];
} SHA_CTX, *PSHA_CTX;
VOID NTAPI MD4Init(MD4_CTX *Context);
VOID NTAPI MD4Update(MD4_CTX *Context, const UCHAR *Data, ULONG Length);
VOID NTAPI MD4Final(MD4_CTX *Context);
VOID NTAPI MD5Init(MD5_CTX *Context);
VOID NTAPI MD5Update(MD5_CTX *Context, const UCHAR *Data, ULONG Length);
VOID NTAPI MD5Final(MD5_CTX *Context);
VOID NTAPI A_SHAInit(PSHA_CTX Context);
VOID NTAPI A_SHAUpdate(PSHA_CTX Context, const UCHAR *Data, UINT Length);
VOID NTAPI A_SHAFinal(PSHA_CTX Context, PULONG Result);
