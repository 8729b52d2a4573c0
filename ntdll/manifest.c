/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Manifests: XML (UTF-8 or UTF-16) that describes an assembly, what it needs and how a program wants to be run.
 *
 * The tables below say which elements are read, and where they stand; everything else is skipped.  Assemblies that a
 * manifest depends on are looked for among the shared ones (winsxs\manifests below the Windows directory, highest
 * build of the version's first two parts) and beside the program (NAME.manifest, NAME\NAME.manifest, and as resource 1
 * of NAME.dll there).
 * Sources: "Manifest files reference", "Assembly searching sequence" (Win32 documentation).
 */
#include "actctxp.h"
#include "xml.h"

#define RESOURCE_TYPE_MANIFEST 24
#define MAX_MANIFEST 0x400000           /* bytes */
#define MAX_SXS_PATH 1024               /* characters */

typedef struct _SXS_PARSER {
    XML_READER Reader;
    PACTIVATION_CONTEXT Context;
    SXS_ASSEMBLY *Assembly;
    SXS_FILE *File;
    SXS_DEPENDENCY *Dependency;
    BOOLEAN HasRoot;
} SXS_PARSER;

typedef struct _SXS_ELEMENT {
    PCWSTR Name;                        /* NULL: any */
    NTSTATUS (*Handle)(SXS_PARSER *Parser);
    const struct _SXS_ELEMENT *Children;
    ULONG ChildCount;
    BOOLEAN HandlesWhole;               /* Handle reads to the element's end */
} SXS_ELEMENT;

/* --- values ------------------------------------------------------------------------------------------------------ */

static NTSTATUS SxspDecode(SXS_PARSER *Parser, const XML_TEXT *Text, PWSTR *Value)
{
    *Value = SxspAllocate(Parser->Context, (Text->Length + 1) * sizeof(WCHAR));
    if (*Value == NULL)
        return STATUS_NO_MEMORY;
    RtlpXmlDecode(Text, *Value);
    return STATUS_SUCCESS;
}

/* *Value stays as it is if there is no such attribute. */
static NTSTATUS SxspAttribute(SXS_PARSER *Parser, PCWSTR Name, PWSTR *Value)
{
    const XML_TEXT *Text = RtlpXmlAttribute(&Parser->Reader, Name);

    return Text != NULL ? SxspDecode(Parser, Text, Value) : STATUS_SUCCESS;
}

/* Reads to the end of the element; *Text: its text, without blanks around it. */
static NTSTATUS SxspElementText(SXS_PARSER *Parser, XML_TEXT *Text)
{
    ULONG Depth = Parser->Reader.Depth;

    Text->Length = 0;
    Text->Start = Parser->Reader.At;
    for (;;) {
        XML_EVENT Event = RtlpXmlNext(&Parser->Reader);

        if (Event == XML_END && Parser->Reader.Depth < Depth)
            break;
        if (Event == XML_ERROR || Event == XML_FINISHED)
            return STATUS_SXS_CANT_GEN_ACTCTX;
        if (Event == XML_CHARACTERS && Text->Length == 0)
            *Text = Parser->Reader.Text;
    }
    while (Text->Length != 0 && *Text->Start <= ' ') {
        Text->Start++;
        Text->Length--;
    }
    while (Text->Length != 0 && Text->Start[Text->Length - 1] <= ' ')
        Text->Length--;
    return STATUS_SUCCESS;
}

/* --- elements ---------------------------------------------------------------------------------------------------- */

static NTSTATUS SxspReadIdentity(SXS_PARSER *Parser, SXS_IDENTITY *Identity)
{
    const struct { PCWSTR Name; PWSTR *Value; } Attributes[] = {
        { L"name", &Identity->Name }, { L"type", &Identity->Type }, { L"version", &Identity->Version },
        { L"processorArchitecture", &Identity->Architecture }, { L"language", &Identity->Language },
        { L"publicKeyToken", &Identity->PublicKeyToken },
    };
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG Index = 0; Index < ARRAYSIZE(Attributes) && NT_SUCCESS(Status); Index++)
        Status = SxspAttribute(Parser, Attributes[Index].Name, Attributes[Index].Value);
    return Status;
}

static NTSTATUS SxspOnAssembly(SXS_PARSER *Parser)
{
    const XML_TEXT *Version = RtlpXmlAttribute(&Parser->Reader, L"manifestVersion");

    Parser->HasRoot = TRUE;
    return Version != NULL && RtlpXmlEqual(Version, L"1.0") ? STATUS_SUCCESS : STATUS_SXS_CANT_GEN_ACTCTX;
}

static NTSTATUS SxspOnIdentity(SXS_PARSER *Parser)
{
    return SxspReadIdentity(Parser, &Parser->Assembly->Identity);
}

static NTSTATUS SxspOnFile(SXS_PARSER *Parser)
{
    SXS_FILE **Link = &Parser->Assembly->Files;
    SXS_FILE *File = SxspAllocate(Parser->Context, sizeof(*File));
    NTSTATUS Status;

    if (File == NULL)
        return STATUS_NO_MEMORY;
    Status = SxspAttribute(Parser, L"name", &File->Name);
    if (!NT_SUCCESS(Status) || File->Name == NULL)
        return NT_SUCCESS(Status) ? STATUS_SXS_CANT_GEN_ACTCTX : Status;
    while (*Link != NULL)
        Link = &(*Link)->Next;
    *Link = Parser->File = File;
    Parser->Assembly->FileCount++;
    return STATUS_SUCCESS;
}

/* VERSION!CLASS, or the class's name alone. */
static NTSTATUS SxspVersionedName(SXS_PARSER *Parser, PCWSTR Name, BOOLEAN Plain, PWSTR *Versioned)
{
    PCWSTR Version = Parser->Assembly->Identity.Version;

    *Versioned = (PWSTR)Name;
    if (Plain || Version == NULL)
        return STATUS_SUCCESS;
    *Versioned = SxspAllocate(Parser->Context, (wcslen(Version) + wcslen(Name) + 2) * sizeof(WCHAR));
    if (*Versioned == NULL)
        return STATUS_NO_MEMORY;
    wcscpy(*Versioned, Version);
    wcscat(*Versioned, L"!");
    wcscat(*Versioned, Name);
    return STATUS_SUCCESS;
}

static NTSTATUS SxspMakeRedirection(SXS_PARSER *Parser, SXS_CLASS *Class, PCWSTR Versioned, PCWSTR Module)
{
    SIZE_T NameLength = wcslen(Versioned) * sizeof(WCHAR), ModuleLength = wcslen(Module) * sizeof(WCHAR);
    SXS_CLASS_REDIRECTION *Data;

    Class->RedirectionLength = (ULONG)(sizeof(*Data) + NameLength + ModuleLength + 2 * sizeof(WCHAR));
    Class->Redirection = Data = SxspAllocate(Parser->Context, Class->RedirectionLength);
    if (Data == NULL)
        return STATUS_NO_MEMORY;
    *Data = (SXS_CLASS_REDIRECTION){ sizeof(*Data), 0, (ULONG)NameLength, sizeof(*Data), (ULONG)ModuleLength,
            (ULONG)(sizeof(*Data) + NameLength + sizeof(WCHAR)) };
    memcpy((PUCHAR)Data + Data->NameOffset, Versioned, NameLength);
    memcpy((PUCHAR)Data + Data->ModuleOffset, Module, ModuleLength);
    return STATUS_SUCCESS;
}

/* The versioned name is the plain one where the attribute `versioned' says no. */
static NTSTATUS SxspOnWindowClass(SXS_PARSER *Parser)
{
    const XML_TEXT *Attribute = RtlpXmlAttribute(&Parser->Reader, L"versioned");
    BOOLEAN Plain = Attribute != NULL && RtlpXmlEqual(Attribute, L"no");
    SXS_CLASS *Class = SxspAllocate(Parser->Context, sizeof(*Class));
    XML_TEXT Text;
    PWSTR Versioned;
    NTSTATUS Status = SxspElementText(Parser, &Text);

    if (Class == NULL)
        return STATUS_NO_MEMORY;
    if (NT_SUCCESS(Status))
        Status = SxspDecode(Parser, &Text, &Class->Name);
    if (NT_SUCCESS(Status))
        Status = SxspVersionedName(Parser, Class->Name, Plain, &Versioned);
    if (NT_SUCCESS(Status))
        Status = SxspMakeRedirection(Parser, Class, Versioned, Parser->File->Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Class->Next = Parser->Assembly->Classes;
    Parser->Assembly->Classes = Class;
    return STATUS_SUCCESS;
}

static NTSTATUS SxspOnDependency(SXS_PARSER *Parser)
{
    const XML_TEXT *Optional = RtlpXmlAttribute(&Parser->Reader, L"optional");

    Parser->Dependency = SxspAllocate(Parser->Context, sizeof(*Parser->Dependency));
    if (Parser->Dependency == NULL)
        return STATUS_NO_MEMORY;
    Parser->Dependency->Optional = Optional != NULL && RtlpXmlEqual(Optional, L"yes");
    return STATUS_SUCCESS;
}

static NTSTATUS SxspOnDependencyIdentity(SXS_PARSER *Parser)
{
    SXS_DEPENDENCY *Dependency = Parser->Dependency;
    NTSTATUS Status = SxspReadIdentity(Parser, &Dependency->Identity);

    if (!NT_SUCCESS(Status) || Dependency->Identity.Name == NULL)
        return NT_SUCCESS(Status) ? STATUS_SXS_CANT_GEN_ACTCTX : Status;
    Dependency->Next = Parser->Context->Dependencies;
    Parser->Context->Dependencies = Dependency;
    return STATUS_SUCCESS;
}

static NTSTATUS SxspOnExecutionLevel(SXS_PARSER *Parser)
{
    static const PCWSTR Levels[ACTCTX_RUN_LEVEL_NUMBERS] = { [ACTCTX_RUN_LEVEL_AS_INVOKER] = L"asInvoker",
            [ACTCTX_RUN_LEVEL_HIGHEST_AVAILABLE] = L"highestAvailable",
            [ACTCTX_RUN_LEVEL_REQUIRE_ADMIN] = L"requireAdministrator" };
    const XML_TEXT *Level = RtlpXmlAttribute(&Parser->Reader, L"level");
    const XML_TEXT *UiAccess = RtlpXmlAttribute(&Parser->Reader, L"uiAccess");

    for (ULONG Index = 1; Level != NULL && Index < ARRAYSIZE(Levels); Index++)
        if (RtlpXmlEqual(Level, Levels[Index]))
            Parser->Context->RunLevel = Index;
    Parser->Context->UiAccess = UiAccess != NULL && RtlpXmlEqual(UiAccess, L"true");
    return Level != NULL && Parser->Context->RunLevel == ACTCTX_RUN_LEVEL_UNSPECIFIED ? STATUS_SXS_CANT_GEN_ACTCTX
            : STATUS_SUCCESS;
}

static NTSTATUS SxspAddCompatible(SXS_PARSER *Parser, ACTCTX_COMPATIBILITY_ELEMENT_TYPE Type, const GUID *Id,
        ULONGLONG Version)
{
    SXS_COMPATIBLE **Link = &Parser->Context->Compatible;
    SXS_COMPATIBLE *Element = SxspAllocate(Parser->Context, sizeof(*Element));

    if (Element == NULL)
        return STATUS_NO_MEMORY;
    *Element = (SXS_COMPATIBLE){ NULL, *Id, Type, Version };
    while (*Link != NULL)
        Link = &(*Link)->Next;
    *Link = Element;
    Parser->Context->CompatibleCount++;
    return STATUS_SUCCESS;
}

static NTSTATUS SxspOnSupportedOs(SXS_PARSER *Parser)
{
    PWSTR Text = NULL;
    UNICODE_STRING String;
    GUID Id;
    NTSTATUS Status = SxspAttribute(Parser, L"Id", &Text);

    if (!NT_SUCCESS(Status) || Text == NULL)
        return Status;
    RtlInitUnicodeString(&String, Text);
    return NT_SUCCESS(RtlGUIDFromString(&String, &Id))
            ? SxspAddCompatible(Parser, ACTCTX_COMPATIBILITY_ELEMENT_TYPE_OS, &Id, 0) : STATUS_SUCCESS;
}

/* A version "a.b.c.d" as four 16-bit numbers, a on top; missing parts are 0. */
static ULONGLONG SxspVersion(PCWSTR Text)
{
    ULONGLONG Version = 0;

    for (ULONG Part = 0; Part < 4; Part++) {
        PWSTR End = (PWSTR)Text;

        Version = Version << 16 | (wcstoul(Text, &End, 10) & 0xffff);
        Text = *End == '.' ? End + 1 : End;
    }
    return Version;
}

static NTSTATUS SxspOnMaxVersionTested(SXS_PARSER *Parser)
{
    static const GUID None;
    PWSTR Text = NULL;
    NTSTATUS Status = SxspAttribute(Parser, L"Id", &Text);

    if (!NT_SUCCESS(Status) || Text == NULL)
        return Status;
    return SxspAddCompatible(Parser, SXS_MAXVERSIONTESTED, &None, SxspVersion(Text));
}

static NTSTATUS SxspOnSetting(SXS_PARSER *Parser)
{
    SXS_SETTING *Setting = SxspAllocate(Parser->Context, sizeof(*Setting));
    XML_TEXT Text;
    NTSTATUS Status;

    if (Setting == NULL)
        return STATUS_NO_MEMORY;
    Status = SxspDecode(Parser, &Parser->Reader.Name, &Setting->Name);
    if (NT_SUCCESS(Status))
        Status = SxspDecode(Parser, &Parser->Reader.Namespace, &Setting->Namespace);
    if (NT_SUCCESS(Status))
        Status = SxspElementText(Parser, &Text);
    if (NT_SUCCESS(Status))
        Status = SxspDecode(Parser, &Text, &Setting->Value);
    if (!NT_SUCCESS(Status))
        return Status;
    Setting->Next = Parser->Context->Settings;
    Parser->Context->Settings = Setting;
    return STATUS_SUCCESS;
}

#define CHILDREN(Table) Table, ARRAYSIZE(Table)

static const SXS_ELEMENT InFile[] = { { L"windowClass", SxspOnWindowClass, NULL, 0, TRUE } };
static const SXS_ELEMENT InDependentAssembly[] = { { L"assemblyIdentity", SxspOnDependencyIdentity } };
static const SXS_ELEMENT InDependency[] = { { L"dependentAssembly", NULL, CHILDREN(InDependentAssembly) } };
static const SXS_ELEMENT InPrivileges[] = { { L"requestedExecutionLevel", SxspOnExecutionLevel } };
static const SXS_ELEMENT InSecurity[] = { { L"requestedPrivileges", NULL, CHILDREN(InPrivileges) } };
static const SXS_ELEMENT InTrustInfo[] = { { L"security", NULL, CHILDREN(InSecurity) } };
static const SXS_ELEMENT InCompatibleApplication[] = { { L"supportedOS", SxspOnSupportedOs },
        { L"maxversiontested", SxspOnMaxVersionTested } };
static const SXS_ELEMENT InCompatibility[] = { { L"application", NULL, CHILDREN(InCompatibleApplication) } };
static const SXS_ELEMENT InWindowsSettings[] = { { NULL, SxspOnSetting, NULL, 0, TRUE } };
static const SXS_ELEMENT InApplication[] = { { L"windowsSettings", NULL, CHILDREN(InWindowsSettings) } };
static const SXS_ELEMENT InAssembly[] = {
    { L"assemblyIdentity", SxspOnIdentity },
    { L"file", SxspOnFile, CHILDREN(InFile) },
    { L"dependency", SxspOnDependency, CHILDREN(InDependency) },
    { L"trustInfo", NULL, CHILDREN(InTrustInfo) },
    { L"compatibility", NULL, CHILDREN(InCompatibility) },
    { L"application", NULL, CHILDREN(InApplication) },
};
static const SXS_ELEMENT Document[] = { { L"assembly", SxspOnAssembly, CHILDREN(InAssembly) } };

static const SXS_ELEMENT *SxspFindElement(const SXS_ELEMENT *Table, ULONG Count, const XML_TEXT *Name)
{
    for (ULONG Index = 0; Index < Count; Index++)
        if (Table[Index].Name == NULL || RtlpXmlEqual(Name, Table[Index].Name))
            return &Table[Index];
    return NULL;
}

/* Reads to the end of the element that is open (or of the document), with the elements of Table in it. */
static NTSTATUS SxspReadElements(SXS_PARSER *Parser, const SXS_ELEMENT *Table, ULONG Count)
{
    NTSTATUS Status = STATUS_SUCCESS;

    while (NT_SUCCESS(Status)) {
        const SXS_ELEMENT *Element;
        XML_EVENT Event = RtlpXmlNext(&Parser->Reader);

        if (Event == XML_END || Event == XML_FINISHED)
            break;
        if (Event == XML_ERROR)
            return STATUS_SXS_CANT_GEN_ACTCTX;
        if (Event != XML_START)
            continue;
        Element = SxspFindElement(Table, Count, &Parser->Reader.Name);
        if (Element == NULL && Table == Document)
            return STATUS_SXS_CANT_GEN_ACTCTX;
        if (Element != NULL && Element->Handle != NULL)
            Status = Element->Handle(Parser);
        if (NT_SUCCESS(Status) && (Element == NULL || !Element->HandlesWhole))
            Status = SxspReadElements(Parser, Element != NULL ? Element->Children : NULL,
                    Element != NULL ? Element->ChildCount : 0);
    }
    return Status;
}

/* --- from bytes to text ------------------------------------------------------------------------------------------ */

/* A heap block that the caller frees. */
static NTSTATUS SxspToUnicode(const UCHAR *Bytes, SIZE_T Length, PWSTR *Text, PSIZE_T Characters)
{
    BOOLEAN Little = Length >= 2 && ((Bytes[0] == 0xff && Bytes[1] == 0xfe) || (Bytes[0] != 0 && Bytes[1] == 0));
    BOOLEAN Big = Length >= 2 && Bytes[0] == 0xfe && Bytes[1] == 0xff;
    ULONG Written = 0;

    if (Length > MAX_MANIFEST)
        return STATUS_SXS_CANT_GEN_ACTCTX;
    *Text = RtlAllocateHeap(RtlProcessHeap(), 0, (Length + 1) * sizeof(WCHAR));
    if (*Text == NULL)
        return STATUS_NO_MEMORY;
    if (Length >= 3 && Bytes[0] == 0xef && Bytes[1] == 0xbb && Bytes[2] == 0xbf) {
        Bytes += 3;
        Length -= 3;
    } else if (Big || (Little && Bytes[0] == 0xff)) {
        Bytes += 2;
        Length -= 2;
    }
    if (!Big && !Little) {
        RtlUTF8ToUnicodeN(*Text, (ULONG)(Length * sizeof(WCHAR)), &Written, (PCCH)Bytes, (ULONG)Length);
        *Characters = Written / sizeof(WCHAR);
        return STATUS_SUCCESS;
    }
    *Characters = Length / sizeof(WCHAR);
    for (SIZE_T Index = 0; Index < *Characters; Index++)
        (*Text)[Index] = Big ? (WCHAR)(Bytes[2 * Index] << 8 | Bytes[2 * Index + 1])
                : (WCHAR)(Bytes[2 * Index + 1] << 8 | Bytes[2 * Index]);
    return STATUS_SUCCESS;
}

static NTSTATUS SxspReadManifest(PACTIVATION_CONTEXT Context, PCWSTR Text, SIZE_T Length, PCWSTR Path,
        PCWSTR Directory)
{
    SXS_PARSER *Parser = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Parser));
    SXS_ASSEMBLY *Assembly = SxspAllocate(Context, sizeof(*Assembly)), **Link = &Context->Assemblies;
    NTSTATUS Status = STATUS_NO_MEMORY;

    if (Parser == NULL || Assembly == NULL)
        goto out;
    Assembly->ManifestPath = SxspDuplicate(Context, Path, wcslen(Path));
    Assembly->Directory = SxspDuplicate(Context, Directory, wcslen(Directory));
    if (Assembly->ManifestPath == NULL || Assembly->Directory == NULL)
        goto out;
    Parser->Context = Context;
    Parser->Assembly = Assembly;
    RtlpXmlOpen(&Parser->Reader, Text, Length);
    Status = SxspReadElements(Parser, Document, ARRAYSIZE(Document));
    if (NT_SUCCESS(Status) && (!Parser->HasRoot || Parser->Reader.At != Parser->Reader.End))
        Status = STATUS_SXS_CANT_GEN_ACTCTX;
    if (!NT_SUCCESS(Status))
        goto out;
    while (*Link != NULL)
        Link = &(*Link)->Next;
    *Link = Assembly;
    Context->AssemblyCount++;
out:
    RtlFreeHeap(RtlProcessHeap(), 0, Parser);
    return Status;
}

/* --- dependencies ------------------------------------------------------------------------------------------------ */

static BOOLEAN SxspIsNeutral(PCWSTR Value)
{
    return Value == NULL || *Value == 0 || wcscmp(Value, L"*") == 0 || _wcsicmp(Value, L"neutral") == 0;
}

static BOOLEAN SxspIsLoaded(PACTIVATION_CONTEXT Context, const SXS_IDENTITY *Wanted)
{
    for (SXS_ASSEMBLY *Assembly = Context->Assemblies; Assembly != NULL; Assembly = Assembly->Next)
        if (Assembly->Identity.Name != NULL && _wcsicmp(Assembly->Identity.Name, Wanted->Name) == 0)
            return TRUE;
    return FALSE;
}

/* The version part of a shared manifest's file name: behind the third underscore. */
static ULONGLONG SxspFileVersion(PCWSTR FileName, ULONG Underscores)
{
    while (*FileName != 0 && Underscores != 0)
        Underscores -= *FileName++ == '_';
    return SxspVersion(FileName);
}

/* The best match for Pattern in Directory, at least Version; FALSE: none. */
static BOOLEAN SxspFindBest(PCWSTR Directory, PCWSTR Pattern, ULONG Underscores, ULONGLONG Version, PWSTR Best)
{
    UCHAR Buffer[1024] __attribute__((aligned(8)));
    PFILE_DIRECTORY_INFORMATION Entry = (PFILE_DIRECTORY_INFORMATION)Buffer;
    UNICODE_STRING NtPath, Mask;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Io;
    HANDLE Handle;
    BOOLEAN Found = FALSE;

    if (!NT_SUCCESS(RtlDosPathNameToNtPathName_U_WithStatus(Directory, &NtPath, NULL, NULL)))
        return FALSE;
    InitializeObjectAttributes(&Attributes, &NtPath, OBJ_CASE_INSENSITIVE, NULL, NULL);
    RtlInitUnicodeString(&Mask, Pattern);
    if (NT_SUCCESS(NtOpenFile(&Handle, FILE_LIST_DIRECTORY | SYNCHRONIZE, &Attributes, &Io,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                              FILE_SYNCHRONOUS_IO_NONALERT | FILE_DIRECTORY_FILE))) {
        while (NT_SUCCESS(NtQueryDirectoryFile(Handle, NULL, NULL, NULL, &Io, Buffer, sizeof(Buffer),
                                               FileDirectoryInformation, TRUE, &Mask, FALSE))) {
            SIZE_T Length = Entry->FileNameLength / sizeof(WCHAR);

            if (Length >= MAX_PATH)
                continue;
            Entry->FileName[Length] = 0;
            if (SxspFileVersion(Entry->FileName, Underscores) >= Version) {
                Version = SxspFileVersion(Entry->FileName, Underscores);
                wcscpy(Best, Entry->FileName);
                Found = TRUE;
            }
        }
        NtClose(Handle);
    }
    RtlFreeUnicodeString(&NtPath);
    return Found;
}

static ULONG SxspCountUnderscores(PCWSTR Text)
{
    ULONG Count = 0;

    for (; *Text != 0; Text++)
        Count += *Text == '_';
    return Count;
}

static __attribute__((noinline)) NTSTATUS SxspAddShared(PACTIVATION_CONTEXT Context, const SXS_IDENTITY *Wanted)
{
    PCWSTR Windows = (PCWSTR)USER_SHARED_DATA->NtSystemRoot;
    PCWSTR Architecture = SxspIsNeutral(Wanted->Architecture) ? L"amd64" : Wanted->Architecture;
    PCWSTR Language = SxspIsNeutral(Wanted->Language) ? L"*" : Wanted->Language;
    ULONGLONG Version = Wanted->Version != NULL ? SxspVersion(Wanted->Version) : 0;
    WCHAR Directory[MAX_PATH], Pattern[MAX_PATH], Best[MAX_PATH], Path[MAX_SXS_PATH];
    PWSTR FileDirectory;
    SIZE_T Length;
    int Written;

    if (Wanted->PublicKeyToken == NULL)
        return STATUS_SXS_ASSEMBLY_NOT_FOUND;
    Written = _snwprintf(Pattern, ARRAYSIZE(Pattern), L"%s_%s_%s_%u.%u.*.*_%s_*.manifest", Architecture, Wanted->Name,
            Wanted->PublicKeyToken, (ULONG)(Version >> 48), (ULONG)(Version >> 32) & 0xffff, Language);
    if (Written < 0 || Written >= (int)ARRAYSIZE(Pattern))
        return STATUS_SXS_ASSEMBLY_NOT_FOUND;
    _snwprintf(Directory, ARRAYSIZE(Directory), L"%s\\winsxs\\manifests", Windows);
    if (!SxspFindBest(Directory, Pattern, SxspCountUnderscores(Wanted->Name) + 3, Version, Best))
        return STATUS_SXS_ASSEMBLY_NOT_FOUND;
    _snwprintf(Path, ARRAYSIZE(Path), L"%s\\%s", Directory, Best);
    Length = wcslen(Best) - wcslen(L".manifest");
    FileDirectory = SxspAllocate(Context, (wcslen(Windows) + Length + 16) * sizeof(WCHAR));
    if (FileDirectory == NULL)
        return STATUS_NO_MEMORY;
    wcscpy(FileDirectory, Windows);
    wcscat(FileDirectory, L"\\winsxs\\");
    wcsncat(FileDirectory, Best, Length);
    wcscat(FileDirectory, L"\\");
    return SxspAddManifestFileIn(Context, Path, 0, FileDirectory);
}

static __attribute__((noinline)) NTSTATUS SxspAddPrivate(PACTIVATION_CONTEXT Context, const SXS_IDENTITY *Wanted)
{
    static const struct { PCWSTR Format; ULONG_PTR Resource; } Places[] = {
        { L"%s%s.dll", 1 }, { L"%s%s.manifest", 0 }, { L"%s%s\\%s.dll", 1 }, { L"%s%s\\%s.manifest", 0 },
    };
    WCHAR Path[MAX_SXS_PATH];
    NTSTATUS Status = STATUS_SXS_ASSEMBLY_NOT_FOUND;

    for (ULONG Index = 0; Index < ARRAYSIZE(Places) && !NT_SUCCESS(Status); Index++) {
        int Length = _snwprintf(Path, ARRAYSIZE(Path), Places[Index].Format, Context->ProbeDirectory, Wanted->Name,
                Wanted->Name);

        if (Length > 0 && Length < (int)ARRAYSIZE(Path))
            Status = SxspAddManifestFile(Context, Path, Places[Index].Resource);
    }
    return Status;
}

static NTSTATUS SxspAddDependencies(PACTIVATION_CONTEXT Context)
{
    while (Context->Dependencies != NULL) {
        SXS_DEPENDENCY *Dependency = Context->Dependencies;
        NTSTATUS Status;

        Context->Dependencies = Dependency->Next;
        if (SxspIsLoaded(Context, &Dependency->Identity))
            continue;
        Status = SxspAddShared(Context, &Dependency->Identity);
        if (!NT_SUCCESS(Status))
            Status = SxspAddPrivate(Context, &Dependency->Identity);
        if (NT_SUCCESS(Status) || Dependency->Optional)
            continue;
        DbgPrint("ntdll: assembly %ws %ws is not there\n", Dependency->Identity.Name,
                Dependency->Identity.Version != NULL ? Dependency->Identity.Version : L"");
        if (!Context->MissingIsFine)
            return STATUS_SXS_CANT_GEN_ACTCTX;
    }
    return STATUS_SUCCESS;
}

/* --- entry points ------------------------------------------------------------------------------------------------ */

NTSTATUS SxspAddManifest(PACTIVATION_CONTEXT Context, const void *Bytes, SIZE_T Length, PCWSTR Path, PCWSTR Directory)
{
    SIZE_T Characters;
    PWSTR Text;
    NTSTATUS Status = SxspToUnicode(Bytes, Length, &Text, &Characters);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = SxspReadManifest(Context, Text, Characters, Path, Directory);
    RtlFreeHeap(RtlProcessHeap(), 0, Text);
    return NT_SUCCESS(Status) ? SxspAddDependencies(Context) : Status;
}

/* The path's directory, with the closing backslash. */
static PWSTR SxspDirectoryOf(PACTIVATION_CONTEXT Context, PCWSTR Path)
{
    SIZE_T Length = wcslen(Path);

    while (Length > 0 && Path[Length - 1] != '\\' && Path[Length - 1] != '/')
        Length--;
    return SxspDuplicate(Context, Path, Length);
}

NTSTATUS SxspAddManifestResource(PACTIVATION_CONTEXT Context, PVOID Module, ULONG_PTR Resource, ULONG Language,
        PCWSTR Path)
{
    LDR_RESOURCE_INFO Info = { RESOURCE_TYPE_MANIFEST, Resource, Language };
    PIMAGE_RESOURCE_DATA_ENTRY Data;
    PVOID Bytes;
    ULONG Size;
    PWSTR Directory = SxspDirectoryOf(Context, Path);
    NTSTATUS Status = LdrFindResource_U(Module, &Info, 3, &Data);

    if (Directory == NULL)
        return STATUS_NO_MEMORY;
    if (NT_SUCCESS(Status))
        Status = LdrAccessResource(Module, Data, &Bytes, &Size);
    return NT_SUCCESS(Status) ? SxspAddManifest(Context, Bytes, Size, Path, Directory) : Status;
}

/* Maps a whole file for reading: *View is to be unmapped.  DOS path. */
static NTSTATUS SxspMapFile(PCWSTR Path, PVOID *View, PSIZE_T Length)
{
    FILE_STANDARD_INFORMATION Standard;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING NtPath;
    IO_STATUS_BLOCK Io;
    HANDLE File, Section;
    NTSTATUS Status = RtlDosPathNameToNtPathName_U_WithStatus(Path, &NtPath, NULL, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &NtPath, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtOpenFile(&File, FILE_READ_DATA | FILE_READ_ATTRIBUTES | SYNCHRONIZE, &Attributes, &Io,
            FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE);
    RtlFreeUnicodeString(&NtPath);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtQueryInformationFile(File, &Io, &Standard, sizeof(Standard), FileStandardInformation);
    if (NT_SUCCESS(Status))
        Status = NtCreateSection(&Section, SECTION_MAP_READ, NULL, NULL, PAGE_READONLY, SEC_COMMIT, File);
    NtClose(File);
    if (!NT_SUCCESS(Status))
        return Status;
    *View = NULL;
    *Length = 0;
    Status = NtMapViewOfSection(Section, NtCurrentProcess(), View, 0, 0, NULL, Length, ViewUnmap, 0, PAGE_READONLY);
    NtClose(Section);
    *Length = (SIZE_T)Standard.EndOfFile.QuadPart;
    return Status;
}

NTSTATUS SxspAddManifestFileIn(PACTIVATION_CONTEXT Context, PCWSTR Path, ULONG_PTR Resource, PCWSTR Directory)
{
    PVOID View;
    SIZE_T Length;
    NTSTATUS Status = SxspMapFile(Path, &View, &Length);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Resource != 0)
        Status = RtlImageNtHeader(View) != NULL
                ? SxspAddManifestResource(Context, (PVOID)((ULONG_PTR)View | 1), Resource, 0, Path)
                : STATUS_INVALID_IMAGE_FORMAT;
    else
        Status = SxspAddManifest(Context, View, Length, Path, Directory);
    NtUnmapViewOfSection(NtCurrentProcess(), View);
    return Status;
}

NTSTATUS SxspAddManifestFile(PACTIVATION_CONTEXT Context, PCWSTR Path, ULONG_PTR Resource)
{
    PWSTR Directory = SxspDirectoryOf(Context, Path);

    return Directory != NULL ? SxspAddManifestFileIn(Context, Path, Resource, Directory) : STATUS_NO_MEMORY;
}
