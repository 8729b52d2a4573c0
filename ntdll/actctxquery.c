/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Questions to an activation context: information classes, settings, and the sections that redirect names.
 *
 * Answers that are longer than their structure carry the texts behind it, in the caller's buffer.
 * Source: QueryActCtxW, FindActCtxSectionString, winnt.h.
 */
#include "actctxp.h"

#define INFO_BASIC 1
#define INFO_DETAILED 2
#define INFO_ASSEMBLY 3
#define INFO_FILE 4
#define INFO_RUNLEVEL 5
#define INFO_COMPATIBILITY 6

#define DLL_REDIRECTION_PATH_OMITS_ASSEMBLY_ROOT 2

typedef struct _SXS_DLL_REDIRECTION {
    ULONG Size;
    ULONG Flags;
    ULONG TotalPathLength;
    ULONG PathSegmentCount;
    ULONG PathSegmentOffset;
} SXS_DLL_REDIRECTION;

typedef struct _SXS_REPLY {
    PUCHAR Buffer;
    SIZE_T Room;
    SIZE_T Used;                        /* may exceed Room: then only counted */
} SXS_REPLY;

/* Appends a text; returns where it is, NULL for no text. */
static PWSTR SxspReplyText(SXS_REPLY *Reply, PCWSTR Text, DWORD *LengthInBytes)
{
    SIZE_T Bytes = Text != NULL ? wcslen(Text) * sizeof(WCHAR) : 0;
    PWSTR Place = (PWSTR)(Reply->Buffer + Reply->Used);

    *LengthInBytes = (DWORD)Bytes;
    if (Text == NULL)
        return NULL;
    Reply->Used += Bytes + sizeof(WCHAR);
    if (Reply->Used <= Reply->Room)
        memcpy(Place, Text, Bytes + sizeof(WCHAR));
    return Place;
}

/* Copies the structure to the front if everything has fitted. */
static NTSTATUS SxspFinishReply(const SXS_REPLY *Reply, const void *Structure, SIZE_T Length, PSIZE_T ReturnLength)
{
    if (ReturnLength != NULL)
        *ReturnLength = Reply->Used;
    if (Reply->Used > Reply->Room)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(Reply->Buffer, Structure, Length);
    return STATUS_SUCCESS;
}

static SXS_ASSEMBLY *SxspAssembly(PACTIVATION_CONTEXT Context, ULONG Index)
{
    SXS_ASSEMBLY *Assembly = Context->Assemblies;

    while (Assembly != NULL && Index-- != 0)
        Assembly = Assembly->Next;
    return Assembly;
}

/* --- information classes ----------------------------------------------------------------------------------------- */

static NTSTATUS SxspQueryDetailed(PACTIVATION_CONTEXT Context, SXS_REPLY *Reply, PSIZE_T ReturnLength)
{
    ACTIVATION_CONTEXT_DETAILED_INFORMATION Info = { .ulFormatVersion = 1, .ulAssemblyCount = Context->AssemblyCount };
    DWORD Length;

    Reply->Used = sizeof(Info);
    Info.ulRootConfigurationPathType = ACTIVATION_CONTEXT_PATH_TYPE_NONE;
    Info.ulRootManifestPathType = Info.ulAppDirPathType = ACTIVATION_CONTEXT_PATH_TYPE_NONE;
    if (Context->Assemblies != NULL) {
        Info.ulRootManifestPathType = Info.ulAppDirPathType = ACTIVATION_CONTEXT_PATH_TYPE_WIN32_FILE;
        Info.lpRootManifestPath = SxspReplyText(Reply, Context->Assemblies->ManifestPath, &Length);
        Info.ulRootManifestPathChars = Length / sizeof(WCHAR);
        Info.lpAppDirPath = SxspReplyText(Reply, Context->Directory, &Length);
        Info.ulAppDirPathChars = Length / sizeof(WCHAR);
    }
    return SxspFinishReply(Reply, &Info, sizeof(Info), ReturnLength);
}

/* NAME,language="..",processorArchitecture="..",publicKeyToken="..",type="..",version=".."; what is not given is left
 * out.  A heap block. */
static PWSTR SxspEncodeIdentity(const SXS_IDENTITY *Identity)
{
    const struct { PCWSTR Name, Value; } Parts[] = {
        { L"language", Identity->Language }, { L"processorArchitecture", Identity->Architecture },
        { L"publicKeyToken", Identity->PublicKeyToken }, { L"type", Identity->Type },
        { L"version", Identity->Version },
    };
    SIZE_T Length = Identity->Name != NULL ? wcslen(Identity->Name) + 1 : 1;
    PWSTR Text;

    for (ULONG Index = 0; Index < ARRAYSIZE(Parts); Index++)
        Length += Parts[Index].Value != NULL ? wcslen(Parts[Index].Name) + wcslen(Parts[Index].Value) + 4 : 0;
    Text = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Length * sizeof(WCHAR));
    if (Text == NULL)
        return NULL;
    if (Identity->Name != NULL)
        wcscpy(Text, Identity->Name);
    for (ULONG Index = 0; Index < ARRAYSIZE(Parts); Index++) {
        if (Parts[Index].Value == NULL)
            continue;
        wcscat(Text, L",");
        wcscat(Text, Parts[Index].Name);
        wcscat(Text, L"=\"");
        wcscat(Text, Parts[Index].Value);
        wcscat(Text, L"\"");
    }
    return Text;
}

/* Index: 1 is the root. */
static NTSTATUS SxspQueryAssembly(PACTIVATION_CONTEXT Context, const ULONG *Index, SXS_REPLY *Reply,
        PSIZE_T ReturnLength)
{
    ACTIVATION_CONTEXT_ASSEMBLY_DETAILED_INFORMATION Info = { 0 };
    SXS_ASSEMBLY *Assembly = Index != NULL && *Index != 0 ? SxspAssembly(Context, *Index - 1) : NULL;
    PWSTR Identity, DirectoryName;
    NTSTATUS Status;

    if (Assembly == NULL)
        return STATUS_INVALID_PARAMETER;
    Identity = SxspEncodeIdentity(&Assembly->Identity);
    if (Identity == NULL)
        return STATUS_NO_MEMORY;
    Reply->Used = sizeof(Info);
    Info.lpAssemblyEncodedAssemblyIdentity = SxspReplyText(Reply, Identity, &Info.ulEncodedAssemblyIdentityLength);
    Info.ulManifestPathType = ACTIVATION_CONTEXT_PATH_TYPE_WIN32_FILE;
    Info.lpAssemblyManifestPath = SxspReplyText(Reply, Assembly->ManifestPath, &Info.ulManifestPathLength);
    Info.ulPolicyPathType = ACTIVATION_CONTEXT_PATH_TYPE_NONE;
    Info.ulManifestVersionMajor = 1;
    DirectoryName = *Index != 1 ? Assembly->Directory : NULL;
    Info.lpAssemblyDirectoryName = SxspReplyText(Reply, DirectoryName, &Info.ulAssemblyDirectoryNameLength);
    Info.ulFileCount = Assembly->FileCount;
    Status = SxspFinishReply(Reply, &Info, sizeof(Info), ReturnLength);
    RtlFreeHeap(RtlProcessHeap(), 0, Identity);
    return Status;
}

static NTSTATUS SxspQueryFile(PACTIVATION_CONTEXT Context, const ACTIVATION_CONTEXT_QUERY_INDEX *Index,
        SXS_REPLY *Reply, PSIZE_T ReturnLength)
{
    ASSEMBLY_FILE_DETAILED_INFORMATION Info = { 0 };
    SXS_ASSEMBLY *Assembly = Index != NULL ? SxspAssembly(Context, Index->ulAssemblyIndex) : NULL;
    SXS_FILE *File = Assembly != NULL ? Assembly->Files : NULL;

    for (ULONG Left = Index != NULL ? Index->ulFileIndexInAssembly : 0; File != NULL && Left != 0; Left--)
        File = File->Next;
    if (File == NULL)
        return STATUS_INVALID_PARAMETER;
    Reply->Used = sizeof(Info);
    Info.ulFlags = DLL_REDIRECTION_PATH_OMITS_ASSEMBLY_ROOT;
    Info.lpFileName = SxspReplyText(Reply, File->Name, &Info.ulFilenameLength);
    return SxspFinishReply(Reply, &Info, sizeof(Info), ReturnLength);
}

static NTSTATUS SxspQueryRunLevel(PACTIVATION_CONTEXT Context, SXS_REPLY *Reply, PSIZE_T ReturnLength)
{
    ACTIVATION_CONTEXT_RUN_LEVEL_INFORMATION Info = { 0, Context->RunLevel, Context->UiAccess };

    Reply->Used = sizeof(Info);
    return SxspFinishReply(Reply, &Info, sizeof(Info), ReturnLength);
}

/* An element as Windows 10 has it: identifier, type, tested version. */
typedef struct _SXS_COMPATIBILITY_ELEMENT {
    GUID Id;
    ULONG Type;
    ULONGLONG MaxVersionTested;
} SXS_COMPATIBILITY_ELEMENT;

static NTSTATUS SxspQueryCompatibility(PACTIVATION_CONTEXT Context, SXS_REPLY *Reply, PSIZE_T ReturnLength)
{
    struct { ULONG Count; ULONG Padding; } Head = { Context->CompatibleCount, 0 };
    SXS_COMPATIBILITY_ELEMENT *Element = (SXS_COMPATIBILITY_ELEMENT *)(Reply->Buffer + sizeof(Head));
    NTSTATUS Status;

    Reply->Used = sizeof(Head) + Context->CompatibleCount * sizeof(*Element);
    Status = SxspFinishReply(Reply, &Head, sizeof(Head), ReturnLength);
    for (SXS_COMPATIBLE *From = Context->Compatible; NT_SUCCESS(Status) && From != NULL; From = From->Next)
        *Element++ = (SXS_COMPATIBILITY_ELEMENT){ From->Id, (ULONG)From->Type, From->MaxVersionTested };
    return Status;
}

/* The caller's reference becomes the answer's, unless there is none or it asked for none. */
static NTSTATUS SxspQueryBasic(PACTIVATION_CONTEXT Context, ULONG Flags, SXS_REPLY *Reply, PSIZE_T ReturnLength)
{
    ACTIVATION_CONTEXT_BASIC_INFORMATION Info = { SxspIsDefault(Context) ? NULL : Context, 0 };
    NTSTATUS Status;

    Reply->Used = sizeof(Info);
    Status = SxspFinishReply(Reply, &Info, sizeof(Info), ReturnLength);
    if (NT_SUCCESS(Status) && Info.ActivationContext != NULL && !(Flags & QUERY_ACTCTX_FLAG_NO_ADDREF))
        RtlAddRefActivationContext(Context);
    return Status;
}

/* ActivationContext NULL: the process's default.  SubInstance: for an assembly its number (1 is the root), for a file
 * an ACTIVATION_CONTEXT_QUERY_INDEX.  *ReturnLength (may be NULL): bytes written or needed.
 * STATUS_INVALID_PARAMETER, STATUS_DLL_NOT_FOUND, STATUS_BUFFER_TOO_SMALL. */
NTSTATUS NTAPI RtlQueryInformationActivationContext(ULONG Flags, HANDLE ActivationContext, PVOID SubInstance,
        ULONG InformationClass, PVOID Buffer, SIZE_T Length, PSIZE_T ReturnLength)
{
    SXS_REPLY Reply = { Buffer, Buffer != NULL ? Length : 0, 0 };
    PACTIVATION_CONTEXT Context;
    NTSTATUS Status;

    if (ReturnLength != NULL)
        *ReturnLength = 0;
    if ((Buffer == NULL && Length != 0) || InformationClass < INFO_BASIC ||
        InformationClass > INFO_COMPATIBILITY)
        return STATUS_INVALID_PARAMETER;
    Status = SxspChoose(Flags, ActivationContext, &Context);
    if (!NT_SUCCESS(Status))
        return Status;
    switch (InformationClass) {
    case INFO_BASIC: Status = SxspQueryBasic(Context, Flags, &Reply, ReturnLength); break;
    case INFO_DETAILED: Status = SxspQueryDetailed(Context, &Reply, ReturnLength); break;
    case INFO_ASSEMBLY: Status = SxspQueryAssembly(Context, SubInstance, &Reply, ReturnLength); break;
    case INFO_FILE: Status = SxspQueryFile(Context, SubInstance, &Reply, ReturnLength); break;
    case INFO_RUNLEVEL: Status = SxspQueryRunLevel(Context, &Reply, ReturnLength); break;
    case INFO_COMPATIBILITY: Status = SxspQueryCompatibility(Context, &Reply, ReturnLength); break;
    }
    RtlReleaseActivationContext(Context);
    return Status;
}

/* --- settings ---------------------------------------------------------------------------------------------------- */

#define SETTINGS_URI L"http://schemas.microsoft.com/SMI/"

/* http://schemas.microsoft.com/SMI/YEAR/WindowsSettings */
static BOOLEAN SxspIsSettingsNamespace(PCWSTR Namespace)
{
    static const PCWSTR Years[] = { L"2005", L"2011", L"2016", L"2017", L"2019", L"2020" };
    SIZE_T Head = wcslen(SETTINGS_URI);

    if (wcsncmp(Namespace, SETTINGS_URI, Head) != 0 || wcscmp(Namespace + Head + wcsnlen(Namespace + Head, 4),
                                                              L"/WindowsSettings") != 0)
        return FALSE;
    for (ULONG Index = 0; Index < ARRAYSIZE(Years); Index++)
        if (wcsncmp(Namespace + Head, Years[Index], 4) == 0)
            return TRUE;
    return FALSE;
}

/* The value of a <windowsSettings> element.  Namespace NULL: that of 2005.  Lengths in characters, the closing zero
 * included.  STATUS_INVALID_PARAMETER (flags, names, an unknown namespace), STATUS_SXS_KEY_NOT_FOUND,
 * STATUS_BUFFER_TOO_SMALL. */
NTSTATUS NTAPI RtlQueryActivationContextApplicationSettings(ULONG Flags, HANDLE ActivationContext, PCWSTR Namespace,
        PCWSTR Name, PWSTR Buffer, SIZE_T Length, PSIZE_T ReturnLength)
{
    PACTIVATION_CONTEXT Context;
    const SXS_SETTING *Setting;
    NTSTATUS Status;
    SIZE_T Needed;

    if (Namespace == NULL)
        Namespace = SETTINGS_URI L"2005/WindowsSettings";
    if (Flags != 0 || Name == NULL || !SxspIsSettingsNamespace(Namespace))
        return STATUS_INVALID_PARAMETER;
    Status = SxspChoose(0, ActivationContext, &Context);
    if (!NT_SUCCESS(Status))
        return Status;
    for (Setting = Context->Settings; Setting != NULL; Setting = Setting->Next)
        if (wcscmp(Setting->Name, Name) == 0 && wcscmp(Setting->Namespace, Namespace) == 0)
            break;
    Status = STATUS_SXS_KEY_NOT_FOUND;
    if (Setting != NULL) {
        Needed = wcslen(Setting->Value) + 1;
        if (ReturnLength != NULL)
            *ReturnLength = Needed;
        Status = Buffer != NULL && Length >= Needed ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
        if (NT_SUCCESS(Status))
            memcpy(Buffer, Setting->Value, Needed * sizeof(WCHAR));
    }
    RtlReleaseActivationContext(Context);
    return Status;
}

/* --- sections ---------------------------------------------------------------------------------------------------- */

typedef struct _SXS_FOUND {
    PVOID Data;
    ULONG Length;
    ULONG Roster;
} SXS_FOUND;

static BOOLEAN SxspFindDll(PACTIVATION_CONTEXT Context, PCUNICODE_STRING Name, SXS_FOUND *Found)
{
    ULONG Roster = 1;

    for (SXS_ASSEMBLY *Assembly = Context->Assemblies; Assembly != NULL; Assembly = Assembly->Next, Roster++) {
        for (SXS_FILE *File = Assembly->Files; File != NULL; File = File->Next) {
            static const SXS_DLL_REDIRECTION Data = { sizeof(Data), DLL_REDIRECTION_PATH_OMITS_ASSEMBLY_ROOT };

            if (RtlCompareUnicodeStrings(Name->Buffer, Name->Length / sizeof(WCHAR), File->Name, wcslen(File->Name),
                                         TRUE) == 0) {
                *Found = (SXS_FOUND){ (PVOID)&Data, sizeof(Data), Roster };
                return TRUE;
            }
        }
    }
    return FALSE;
}

static BOOLEAN SxspFindClass(PACTIVATION_CONTEXT Context, PCUNICODE_STRING Name, SXS_FOUND *Found)
{
    ULONG Roster = 1;

    for (SXS_ASSEMBLY *Assembly = Context->Assemblies; Assembly != NULL; Assembly = Assembly->Next, Roster++) {
        for (SXS_CLASS *Class = Assembly->Classes; Class != NULL; Class = Class->Next) {
            if (RtlCompareUnicodeStrings(Name->Buffer, Name->Length / sizeof(WCHAR), Class->Name, wcslen(Class->Name),
                                         TRUE) == 0) {
                *Found = (SXS_FOUND){ Class->Redirection, Class->RedirectionLength, Roster };
                return TRUE;
            }
        }
    }
    return FALSE;
}

static BOOLEAN SxspFindString(PACTIVATION_CONTEXT Context, ULONG SectionId, PCUNICODE_STRING String, SXS_FOUND *Found)
{
    switch (SectionId) {
    case ACTIVATION_CONTEXT_SECTION_DLL_REDIRECTION:
        return SxspFindDll(Context, String, Found);
    case ACTIVATION_CONTEXT_SECTION_WINDOW_CLASS_REDIRECTION:
        return SxspFindClass(Context, String, Found);
    default:
        return FALSE;
    }
}

static VOID SxspReturnFound(PACTIVATION_CONTEXT Context, ULONG Flags, const SXS_FOUND *Found,
        PACTCTX_SECTION_KEYED_DATA Data)
{
    Data->ulDataFormatVersion = 1;
    Data->lpData = Found->Data;
    Data->ulLength = Found->Length;
    Data->lpSectionGlobalData = NULL;
    Data->ulSectionGlobalDataLength = 0;
    Data->lpSectionBase = Found->Data;
    Data->ulSectionTotalLength = Found->Length;
    Data->hActCtx = NULL;
    if (Data->cbSize >= FIELD_OFFSET(ACTCTX_SECTION_KEYED_DATA, ulFlags))
        Data->ulAssemblyRosterIndex = Found->Roster;
    if (Flags & FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX) {
        Data->hActCtx = Context;
        RtlAddRefActivationContext(Context);
    }
}

static BOOLEAN SxspIsGoodLookup(ULONG Flags, const GUID *ExtensionGuid, const ACTCTX_SECTION_KEYED_DATA *Data)
{
    return !(Flags & ~FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX) && ExtensionGuid == NULL &&
           (Data == NULL || Data->cbSize >= FIELD_OFFSET(ACTCTX_SECTION_KEYED_DATA, ulAssemblyRosterIndex));
}

/* Looks String up in the active context and then in the default one.  Data NULL: is it there?  STATUS_INVALID_PARAMETER,
 * STATUS_SXS_KEY_NOT_FOUND (also if no such section exists). */
/* PARTIAL: sections for DLLs and window classes only. */
NTSTATUS NTAPI RtlFindActivationContextSectionString(ULONG Flags, const GUID *ExtensionGuid, ULONG SectionId,
        PCUNICODE_STRING String, PVOID Data)
{
    const ULONG Places[] = { QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX, 0 };
    NTSTATUS Status = STATUS_SXS_KEY_NOT_FOUND;

    if (!SxspIsGoodLookup(Flags, ExtensionGuid, Data) || String == NULL || String->Buffer == NULL)
        return STATUS_INVALID_PARAMETER;
    for (ULONG Index = 0; Index < ARRAYSIZE(Places) && Status == STATUS_SXS_KEY_NOT_FOUND; Index++) {
        PACTIVATION_CONTEXT Context;
        SXS_FOUND Found = { 0 };

        if (!NT_SUCCESS(SxspChoose(Places[Index], NULL, &Context)))
            continue;
        if (SxspFindString(Context, SectionId, String, &Found)) {
            if (Data != NULL)
                SxspReturnFound(Context, Flags, &Found, Data);
            Status = STATUS_SUCCESS;
        }
        RtlReleaseActivationContext(Context);
    }
    return Status;
}

/* PARTIAL: contexts have no COM, CLR or type library sections: every lookup fails. */
NTSTATUS NTAPI RtlFindActivationContextSectionGuid(ULONG Flags, const GUID *ExtensionGuid, ULONG SectionId,
        const GUID *Guid, PVOID Data)
{
    if (!SxspIsGoodLookup(Flags, ExtensionGuid, Data) || Guid == NULL)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SXS_KEY_NOT_FOUND;
}
