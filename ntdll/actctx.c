/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Activation contexts: objects, the stack of each thread, the process's default context.
 *
 * A handle is the context's address; it is good while the context is in the list of live ones, which every routine
 * checks.  The default context (handle NULL) is made from the program's manifest when it is first asked for: resource 1
 * of the program, else PROGRAM.manifest beside it.  A frame of the stack is a heap block whose address is the cookie;
 * it holds a reference to its context.  The list is under a slim lock; making a context reads files without it.
 *
 * DIFFERS: an assembly that the program's own manifest names and nobody has is logged, and the program runs (Windows
 * does not start it): GUI assemblies do not exist here, and console programs name them.
 */
#include "actctxp.h"

#define ALL_CREATE_FLAGS 0xffu
#define PROGRAM_MANIFEST 1              /* CREATEPROCESS_MANIFEST_RESOURCE_ID */

typedef struct _SXS_BLOCK {
    struct _SXS_BLOCK *Next;
    ULONGLONG Alignment;
} SXS_BLOCK;

static LIST_ENTRY SxspContexts = { &SxspContexts, &SxspContexts };
static RTL_SRWLOCK SxspLock;
static RTL_RUN_ONCE SxspDefaultOnce;
static PACTIVATION_CONTEXT SxspDefault;         /* NULL: there is none yet, or no memory for it */

/* --- memory ------------------------------------------------------------------------------------------------------ */

PVOID SxspAllocate(PACTIVATION_CONTEXT Context, SIZE_T Bytes)
{
    SXS_BLOCK *Block = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Block) + Bytes);

    if (Block == NULL)
        return NULL;
    Block->Next = Context->Blocks;
    Context->Blocks = Block;
    return Block + 1;
}

PWSTR SxspDuplicate(PACTIVATION_CONTEXT Context, PCWSTR Text, SIZE_T Length)
{
    PWSTR Copy = SxspAllocate(Context, (Length + 1) * sizeof(WCHAR));

    if (Copy != NULL)
        memcpy(Copy, Text, Length * sizeof(WCHAR));
    return Copy;
}

static PACTIVATION_CONTEXT SxspNewContext(VOID)
{
    PACTIVATION_CONTEXT Context = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Context));

    if (Context != NULL) {
        Context->References = 1;
        InitializeListHead(&Context->Links);
    }
    return Context;
}

static VOID SxspFreeContext(PACTIVATION_CONTEXT Context)
{
    while (Context->Blocks != NULL) {
        SXS_BLOCK *Block = Context->Blocks;

        Context->Blocks = Block->Next;
        RtlFreeHeap(RtlProcessHeap(), 0, Block);
    }
    RtlFreeHeap(RtlProcessHeap(), 0, Context);
}

/* --- references -------------------------------------------------------------------------------------------------- */

static VOID SxspPublish(PACTIVATION_CONTEXT Context)
{
    RtlAcquireSRWLockExclusive(&SxspLock);
    InsertTailList(&SxspContexts, &Context->Links);
    RtlReleaseSRWLockExclusive(&SxspLock);
}

/* Under the lock: is it a live context? */
static BOOLEAN SxspIsLive(HANDLE Handle)
{
    for (PLIST_ENTRY Link = SxspContexts.Flink; Link != &SxspContexts; Link = Link->Flink)
        if (CONTAINING_RECORD(Link, ACTIVATION_CONTEXT, Links) == Handle)
            return TRUE;
    return FALSE;
}

static BOOLEAN SxspReference(HANDLE Handle)
{
    BOOLEAN Live;

    RtlAcquireSRWLockExclusive(&SxspLock);
    Live = SxspIsLive(Handle);
    if (Live)
        ((PACTIVATION_CONTEXT)Handle)->References++;
    RtlReleaseSRWLockExclusive(&SxspLock);
    return Live;
}

VOID NTAPI RtlAddRefActivationContext(HANDLE ActivationContext)
{
    SxspReference(ActivationContext);
}

VOID NTAPI RtlReleaseActivationContext(HANDLE ActivationContext)
{
    PACTIVATION_CONTEXT Last = NULL;

    RtlAcquireSRWLockExclusive(&SxspLock);
    if (SxspIsLive(ActivationContext) && --((PACTIVATION_CONTEXT)ActivationContext)->References == 0) {
        Last = ActivationContext;
        RemoveEntryList(&Last->Links);
    }
    RtlReleaseSRWLockExclusive(&SxspLock);
    if (Last != NULL)
        SxspFreeContext(Last);
}

/* Windows makes the context's later use fault, for debugging; here it only checks the handle. */
NTSTATUS NTAPI RtlZombifyActivationContext(HANDLE ActivationContext)
{
    if (!SxspReference(ActivationContext))
        return STATUS_INVALID_PARAMETER;
    RtlReleaseActivationContext(ActivationContext);
    return STATUS_SUCCESS;
}

/* --- making one -------------------------------------------------------------------------------------------------- */

static PWSTR SxspDirectoryFor(PACTIVATION_CONTEXT Context, PCUNICODE_STRING Path)
{
    SIZE_T Length = Path->Length / sizeof(WCHAR);

    while (Length > 0 && Path->Buffer[Length - 1] != '\\' && Path->Buffer[Length - 1] != '/')
        Length--;
    return SxspDuplicate(Context, Path->Buffer, Length);
}

static NTSTATUS SxspSetDirectories(PACTIVATION_CONTEXT Context, const ACTCTXW *Parameters)
{
    UNICODE_STRING Source;
    SIZE_T Length;

    Context->Directory = SxspDirectoryFor(Context, &NtCurrentPeb()->ProcessParameters->ImagePathName);
    RtlInitUnicodeString(&Source, Parameters->lpSource);
    if (!(Parameters->dwFlags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID)) {
        Context->ProbeDirectory = Source.Length != 0 ? SxspDirectoryFor(Context, &Source) : Context->Directory;
        return Context->Directory != NULL && Context->ProbeDirectory != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    }
    Length = wcslen(Parameters->lpAssemblyDirectory);
    Context->ProbeDirectory = SxspAllocate(Context, (Length + 2) * sizeof(WCHAR));
    if (Context->Directory == NULL || Context->ProbeDirectory == NULL)
        return STATUS_NO_MEMORY;
    wcscpy(Context->ProbeDirectory, Parameters->lpAssemblyDirectory);
    if (Length != 0 && Context->ProbeDirectory[Length - 1] != '\\' && Context->ProbeDirectory[Length - 1] != '/')
        wcscat(Context->ProbeDirectory, L"\\");
    return STATUS_SUCCESS;
}

/* lpSource relative to lpAssemblyDirectory, if there is one; a full DOS path in Buffer. */
static NTSTATUS SxspSourcePath(const ACTCTXW *Parameters, PWSTR Buffer, ULONG Room)
{
    WCHAR Joined[MAX_PATH];
    PCWSTR Source = Parameters->lpSource;
    RTL_PATH_TYPE Type = RtlDetermineDosPathNameType_U(Source);
    ULONG Bytes;

    if (Parameters->dwFlags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID && Type == RtlPathTypeRelative) {
        int Length = _snwprintf(Joined, ARRAYSIZE(Joined), L"%s\\%s", Parameters->lpAssemblyDirectory, Source);

        if (Length < 0 || Length >= (int)ARRAYSIZE(Joined))
            return STATUS_NAME_TOO_LONG;
        Source = Joined;
    }
    Bytes = RtlGetFullPathName_U(Source, Room * sizeof(WCHAR), Buffer, NULL);
    return Bytes != 0 && Bytes < Room * sizeof(WCHAR) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_INVALID;
}

static NTSTATUS SxspFillContext(PACTIVATION_CONTEXT Context, const ACTCTXW *Parameters)
{
    BOOLEAN HasResource = (Parameters->dwFlags & ACTCTX_FLAG_RESOURCE_NAME_VALID) != 0;
    ULONG_PTR Resource = HasResource ? (ULONG_PTR)Parameters->lpResourceName : 0;
    WCHAR Path[1024];
    UNICODE_STRING Name;
    NTSTATUS Status = SxspSetDirectories(Context, Parameters);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Parameters->dwFlags & ACTCTX_FLAG_HMODULE_VALID) {
        Status = LdrGetDllFullName(Parameters->hModule, &(UNICODE_STRING){ 0, sizeof(Path) - sizeof(WCHAR), Path });
        RtlInitUnicodeString(&Name, Parameters->lpSource != NULL ? Parameters->lpSource : L"");
        if (!NT_SUCCESS(Status))
            return Status;
        return SxspAddManifestResource(Context, Parameters->hModule, Resource,
                Parameters->dwFlags & ACTCTX_FLAG_LANGID_VALID ? Parameters->wLangId : 0,
                Name.Length != 0 ? Name.Buffer : Context->Directory);
    }
    Status = SxspSourcePath(Parameters, Path, ARRAYSIZE(Path));
    return NT_SUCCESS(Status) ? SxspAddManifestFile(Context, Path, Resource) : Status;
}

static BOOLEAN SxspAreGoodParameters(const ACTCTXW *Parameters)
{
    if (Parameters == NULL || Parameters->cbSize < sizeof(*Parameters) || Parameters->dwFlags & ~ALL_CREATE_FLAGS)
        return FALSE;
    if (Parameters->dwFlags & ACTCTX_FLAG_RESOURCE_NAME_VALID && Parameters->lpResourceName == NULL)
        return FALSE;
    if (Parameters->dwFlags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID && Parameters->lpAssemblyDirectory == NULL)
        return FALSE;
    if (Parameters->dwFlags & ACTCTX_FLAG_HMODULE_VALID)
        return Parameters->hModule != NULL && Parameters->dwFlags & ACTCTX_FLAG_RESOURCE_NAME_VALID;
    return Parameters->lpSource != NULL;
}

/* Makes a context from CreateActCtx's parameters.  STATUS_INVALID_PARAMETER, STATUS_SXS_CANT_GEN_ACTCTX (no manifest, or
 * an assembly is missing), and what opening the file or finding the resource answers.  STATUS_NOT_IMPLEMENTED:
 * ACTCTX_FLAG_SET_PROCESS_DEFAULT and _SOURCE_IS_ASSEMBLYREF.
 * DIFFERS: takes an ACTCTXW, as the Win32 DLLs in use pass it; Windows' routine takes what csrss has built. */
/* PARTIAL: no COM, CLR and type library sections; no assembly references as source, no new process default. */
NTSTATUS NTAPI RtlCreateActivationContext(PHANDLE ActivationContext, const void *Parameters)
{
    const ACTCTXW *Given = Parameters;
    PACTIVATION_CONTEXT Context;
    NTSTATUS Status;

    if (!SxspAreGoodParameters(Given))
        return STATUS_INVALID_PARAMETER;
    if (Given->dwFlags & (ACTCTX_FLAG_SET_PROCESS_DEFAULT | ACTCTX_FLAG_SOURCE_IS_ASSEMBLYREF))
        return STATUS_NOT_IMPLEMENTED;
    Context = SxspNewContext();
    if (Context == NULL)
        return STATUS_NO_MEMORY;
    Status = SxspFillContext(Context, Given);
    if (!NT_SUCCESS(Status)) {
        SxspFreeContext(Context);
        return Status;
    }
    SxspPublish(Context);
    *ActivationContext = Context;
    return STATUS_SUCCESS;
}

/* --- the default context ----------------------------------------------------------------------------------------- */

static NTSTATUS SxspFillDefault(PACTIVATION_CONTEXT Context)
{
    PCUNICODE_STRING Program = &NtCurrentPeb()->ProcessParameters->ImagePathName;
    PWSTR Path = SxspAllocate(Context, Program->Length + 12 * sizeof(WCHAR));
    NTSTATUS Status;

    Context->MissingIsFine = TRUE;
    Context->Directory = Context->ProbeDirectory = SxspDirectoryFor(Context, Program);
    if (Path == NULL || Context->Directory == NULL)
        return STATUS_NO_MEMORY;
    memcpy(Path, Program->Buffer, Program->Length);
    Status = SxspAddManifestResource(Context, NtCurrentPeb()->ImageBaseAddress, PROGRAM_MANIFEST, 0, Path);
    if (Context->AssemblyCount != 0)
        return Status;
    wcscat(Path, L".manifest");
    return SxspAddManifestFile(Context, Path, 0);
}

static DWORD NTAPI SxspMakeDefault(PRTL_RUN_ONCE Once, PVOID Parameter, PVOID *Result)
{
    PACTIVATION_CONTEXT Context = SxspNewContext();

    if (Context == NULL)
        return FALSE;
    SxspFillDefault(Context);
    SxspPublish(Context);
    SxspDefault = Context;
    return TRUE;
}

/* Without a manifest it is empty. */
static PACTIVATION_CONTEXT SxspGetDefault(VOID)
{
    RtlRunOnceExecuteOnce(&SxspDefaultOnce, SxspMakeDefault, NULL, NULL);
    return SxspDefault;
}

/* --- the stack --------------------------------------------------------------------------------------------------- */

static PRTL_ACTIVATION_CONTEXT_STACK_FRAME *SxspTop(VOID)
{
    PTEB Teb = NtCurrentTebEx();

    if (Teb->ActivationContextStackPointer == NULL) {
        InitializeListHead(&Teb->ActivationStack.FrameListCache);
        Teb->ActivationContextStackPointer = &Teb->ActivationStack;
    }
    return &Teb->ActivationContextStackPointer->ActiveFrame;
}

static VOID SxspPop(VOID)
{
    PRTL_ACTIVATION_CONTEXT_STACK_FRAME *Top = SxspTop(), Frame = *Top;

    *Top = Frame->Previous;
    if (Frame->ActivationContext != NULL)
        RtlReleaseActivationContext(Frame->ActivationContext);
    RtlFreeHeap(RtlProcessHeap(), 0, Frame);
}

/* Handle NULL activates the default context. */
NTSTATUS NTAPI RtlActivateActivationContext(ULONG Flags, HANDLE ActivationContext, PULONG_PTR Cookie)
{
    PRTL_ACTIVATION_CONTEXT_STACK_FRAME *Top = SxspTop(), Frame;

    if (Flags != 0 || Cookie == NULL)
        return STATUS_INVALID_PARAMETER;
    if (ActivationContext != NULL && !SxspReference(ActivationContext))
        return STATUS_INVALID_PARAMETER;
    Frame = RtlAllocateHeap(RtlProcessHeap(), 0, sizeof(*Frame));
    if (Frame == NULL) {
        RtlReleaseActivationContext(ActivationContext);
        return STATUS_NO_MEMORY;
    }
    *Frame = (RTL_ACTIVATION_CONTEXT_STACK_FRAME){ *Top, ActivationContext, 0 };
    *Top = Frame;
    *Cookie = (ULONG_PTR)Frame;
    return STATUS_SUCCESS;
}

/* Takes the frame off the stack; frames above it only with the force flag.  Raises STATUS_SXS_INVALID_DEACTIVATION
 * (no such frame) and STATUS_SXS_EARLY_DEACTIVATION (not on top). */
NTSTATUS NTAPI RtlDeactivateActivationContext(ULONG Flags, ULONG_PTR Cookie)
{
    PRTL_ACTIVATION_CONTEXT_STACK_FRAME Frame = *SxspTop();

    while (Frame != NULL && (ULONG_PTR)Frame != Cookie)
        Frame = Frame->Previous;
    if (Frame == NULL)
        RtlRaiseStatus(STATUS_SXS_INVALID_DEACTIVATION);
    if (Frame != *SxspTop() && !(Flags & RTL_DEACTIVATE_ACTIVATION_CONTEXT_FLAG_FORCE_EARLY_DEACTIVATION))
        RtlRaiseStatus(STATUS_SXS_EARLY_DEACTIVATION);
    while (*SxspTop() != Frame)
        SxspPop();
    SxspPop();
    return STATUS_SUCCESS;
}

/* The context of the top frame, with one reference more; NULL: the default one. */
NTSTATUS NTAPI RtlGetActiveActivationContext(PHANDLE ActivationContext)
{
    PRTL_ACTIVATION_CONTEXT_STACK_FRAME Frame = *SxspTop();

    *ActivationContext = Frame != NULL ? Frame->ActivationContext : NULL;
    if (*ActivationContext != NULL)
        RtlAddRefActivationContext(*ActivationContext);
    return STATUS_SUCCESS;
}

BOOLEAN NTAPI RtlIsActivationContextActive(HANDLE ActivationContext)
{
    for (PRTL_ACTIVATION_CONTEXT_STACK_FRAME Frame = *SxspTop(); Frame != NULL; Frame = Frame->Previous)
        if (Frame->ActivationContext == ActivationContext)
            return TRUE;
    return FALSE;
}

VOID RtlpFreeThreadActivationStack(VOID)
{
    while (*SxspTop() != NULL)
        SxspPop();
}

/* A referenced context for a query: of the handle, of the top frame, of a module, or the default one. */
NTSTATUS SxspChoose(ULONG Flags, HANDLE Handle, PACTIVATION_CONTEXT *Context)
{
    const ULONG Choices = QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX | QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE |
            QUERY_ACTCTX_FLAG_ACTCTX_IS_ADDRESS;
    PLDR_DATA_TABLE_ENTRY Entry;

    if ((Flags & Choices & ((Flags & Choices) - 1)) != 0)
        return STATUS_INVALID_PARAMETER;
    if (Flags & QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX) {
        PRTL_ACTIVATION_CONTEXT_STACK_FRAME Frame = *SxspTop();

        if (Handle != NULL)
            return STATUS_INVALID_PARAMETER;
        Handle = Frame != NULL ? Frame->ActivationContext : NULL;
    } else if (Flags & (QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE | QUERY_ACTCTX_FLAG_ACTCTX_IS_ADDRESS)) {
        if (Handle == NULL)
            return STATUS_INVALID_PARAMETER;
        if (!NT_SUCCESS(LdrFindEntryForAddress(Handle, &Entry)))
            return STATUS_DLL_NOT_FOUND;
        Handle = Entry->EntryPointActivationContext;
    }
    if (Handle == NULL)
        Handle = SxspGetDefault();
    if (Handle == NULL)
        return STATUS_NO_MEMORY;
    *Context = Handle;
    return SxspReference(Handle) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

BOOLEAN SxspIsDefault(PACTIVATION_CONTEXT Context)
{
    return Context == SxspDefault;
}
