/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of ntdll share with one another only.
 */
#pragma once

#include "ntdll.h"
#include "ntdll/ddag.h"

/* --- loader ------------------------------------------------------------------------------------------------------ */

/* A loaded image.  Programs see the first member, in the lists of PEB.Ldr.
 *
 *   Node.LoadCount         uses: one for each LdrLoadDll, and one for each module that imports from it;
 *                          LDRP_PINNED: stays to the end of the process
 *   Imports                modules that this one holds a use of */
typedef struct _LDRP_MODULE {
    LDR_DATA_TABLE_ENTRY Entry;
    LDR_DDAG_NODE Node;
    struct _LDRP_MODULE **Imports;
    ULONG ImportCount;
    ULONG ImportRoom;
    ULONG InitNumber;               /* its place in the order of initialisation; 0: its entry point was not called */
    BOOLEAN Snapped;                /* imports resolved, being resolved, or not wanted */
    BOOLEAN Resolved;               /* imports resolved: can be initialised */
    BOOLEAN Ordered;                /* in the initialisation list, or in that of modules that are not told of */
    BOOLEAN Visited;                /* initialised, or one of its imports is being so, or itself */
    BOOLEAN InitFailed;
    BOOLEAN Ending;                 /* being unloaded */
    BOOLEAN IsDriver;               /* its entry point is no DllMain */
    BOOLEAN Notified;               /* the callbacks for loads know of it */
    UCHAR WineKind;                 /* winelink.c stands for some functions of two of Wine's DLLs */

    /* unload.c: while it looks for modules that nobody needs */
    BOOLEAN Reached;
    ULONG InnerUses;
    struct _LDRP_MODULE *NextInSet, *NextKept;
} LDRP_MODULE, *PLDRP_MODULE;

#define LDRP_PINNED 0xffffffffu

extern RTL_CRITICAL_SECTION LdrpLoaderLock;
extern PLDRP_MODULE LdrpProgram;
extern PLDRP_MODULE LdrpNtdll;
extern BOOLEAN LdrpShutdownInProgress;

/* For the caller who has to wait for a lock: ends the process if it is being ended, for then the lock's owner is no more. */
VOID LdrpBeforeLockWait(VOID);
extern BOOLEAN LdrpStarting;           /* the program's own imports are being loaded */

/* kernel32!BaseThreadInitThunk, which calls Start(Argument) and ends the thread; NULL in a process without kernel32. */
typedef VOID (WINAPI *LDRP_THREAD_INIT_THUNK)(ULONG Reserved, PUSER_THREAD_START_ROUTINE Start, PVOID Argument);
extern LDRP_THREAD_INIT_THUNK LdrpThreadInitThunk;

/* control.c: kernel32!CtrlRoutine, which runs the program's handlers of a control event; NULL without kernel32. */
typedef ULONG (WINAPI *LDRP_CONTROL_ROUTINE)(PVOID Event);
extern LDRP_CONTROL_ROUTINE LdrpControlRoutine;

/* Where the executive starts a thread for a control event (abi/condrv.h). */
NTSTATUS NTAPI KiUserControlDispatcher(PVOID Event);

/* The status with which a process ends that Caller wants to end with ExitStatus: STATUS_CONTROL_C_EXIT where Caller is the
 * default handler. */
NTSTATUS LdrpControlExitStatus(NTSTATUS ExitStatus, const void *Caller);

/* modules.c: the lists.  All under the loader lock. */
VOID LdrpInitializeModuleLists(VOID);
PLDRP_MODULE LdrpInsertModule(PVOID Base, PCUNICODE_STRING FullName);
VOID LdrpRemoveModule(PLDRP_MODULE Module);
PLDRP_MODULE LdrpFindByAddress(const void *Address);
PLDRP_MODULE LdrpFindByBase(PVOID Base);
PLDRP_MODULE LdrpFindByBaseName(PCUNICODE_STRING Name);
PLDRP_MODULE LdrpFindByFullName(PCUNICODE_STRING Name);
NTSTATUS LdrpAddImport(PLDRP_MODULE Module, PLDRP_MODULE Imported);
PLDRP_MODULE LdrpModuleOf(PLIST_ENTRY InLoadOrderLinks);
VOID LdrpPinAll(VOID);

/* map.c */
NTSTATUS LdrpMapFile(HANDLE File, PVOID *Base);
NTSTATUS LdrpRelocate(PVOID Base);

/* load.c: from a name to a module whose imports are resolved, with one use more. */
NTSTATUS LdrpLoadModule(PCUNICODE_STRING Name, PLDRP_MODULE *Module);

/* attach.c: initialisation. */
VOID LdrpAwaitInitialization(PLDRP_MODULE Module);
NTSTATUS LdrpInitializeGraph(PLDRP_MODULE Module);
NTSTATUS LdrpInitializeForwarded(PLDRP_MODULE Module, ULONG Known, NTSTATUS Status);
VOID LdrpInitializeProgramImports(VOID);
BOOLEAN LdrpCallEntry(PLDRP_MODULE Module, ULONG Reason, PVOID Reserved);

/* unload.c: uses. */
VOID LdrpSetUses(PLDRP_MODULE Module, ULONG Uses);
VOID LdrpReference(PLDRP_MODULE Module);
VOID LdrpDropUse(PLDRP_MODULE Module);
VOID LdrpDereference(PLDRP_MODULE Module);

/* dllnotify.c */
VOID LdrpNotifyOfModule(PLDRP_MODULE Module, ULONG Reason);

/* snap.c: imports and exports. */
NTSTATUS LdrpResolveImports(PLDRP_MODULE Module);
NTSTATUS LdrpGetExport(PLDRP_MODULE Module, PCSZ Name, ULONG Ordinal, PVOID *Address);

/* apiset.c: TRUE and the host's name if Name is an API set; *Host is empty if the set has no host. */
BOOLEAN LdrpResolveApiSet(PCUNICODE_STRING Name, PUNICODE_STRING Host);

/* tls.c */
NTSTATUS LdrpAddTls(PLDRP_MODULE Module);
VOID LdrpRemoveTls(PLDRP_MODULE Module);
NTSTATUS LdrpAllocateThreadTls(VOID);
VOID LdrpFreeThreadTls(VOID);
VOID LdrpCallTlsCallbacks(PLDRP_MODULE Module, ULONG Reason);
VOID LdrpInitializeTlsBitmaps(PPEB Peb);

/* debug.c: one line in the log; while the program starts, for its user too. */
VOID LdrpReport(PCSTR Format, ...);

/* A line for the log where FLG_SHOW_LDR_SNAPS is set. */
VOID LdrpTrace(PCSTR Format, ...);
BOOLEAN RtlpWriteStandardError(const char *Text, SIZE_T Length);

/* --- exceptions -------------------------------------------------------------------------------------------------- */
VOID RtlpReportCrash(PEXCEPTION_RECORD Record, PCONTEXT Context);
DECLSPEC_NORETURN VOID RtlpRestoreContext(PCONTEXT Context);
/* entry.S: Routine's answer; FALSE: it raised an exception, whose code is the TEB's ExceptionCode.  For walks over stacks and unwind
 * data that may be wrong, and for code of others. */
typedef BOOLEAN (*RTLP_GUARDED)(PVOID Argument1, PVOID Argument2, PVOID Argument3);
BOOLEAN RtlpCallGuarded(RTLP_GUARDED Routine, PVOID Argument1, PVOID Argument2, PVOID Argument3);
/* dbgui.c: a breakpoint for the debugger. */
VOID DbgUiBreakGuarded(VOID);
/* Calls Routine(Record) below the frame that Context describes, so that it can be unwound through. */
PVOID RtlpCallConsolidate(PCONTEXT Context, PVOID Routine, PEXCEPTION_RECORD Record);
EXCEPTION_DISPOSITION RtlpExecuteHandlerForException(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher);
EXCEPTION_DISPOSITION RtlpExecuteHandlerForUnwind(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher);
LONG RtlpCallVectoredHandlers(PEXCEPTION_RECORD Record, PCONTEXT Context);
VOID RtlpCallVectoredContinueHandlers(PEXCEPTION_RECORD Record, PCONTEXT Context);
VOID RtlpDebugService(ULONG Service, const void *Buffer, ULONG Length);

/* functable.c: the modules' function tables, sorted by address. */
NTSTATUS RtlpAddImageFunctionTable(PVOID Base, ULONG SizeOfImage, PVOID Owner);
PVOID RtlpOwnerOfImage(const void *Address);
VOID RtlpRemoveImageFunctionTable(PVOID Base);

/* --- the rest ---------------------------------------------------------------------------------------------------- */
VOID RtlpAbandonWaiters(VOID);
VOID RtlpInitializeFls(VOID);
VOID RtlpFreeThreadFls(VOID);
VOID RtlpFreeThreadLanguages(VOID);
VOID RtlpFreeThreadActivationStack(VOID);
VOID RtlpInitializeCurrentDirectory(VOID);
/* wine.c: is this one of Wine's DLLs, and what an import of its is bound to instead of Address, mostly that itself. */
BOOLEAN RtlpIsWineDll(const void *Base, ULONG SizeOfImage);
PVOID RtlpForWine(PVOID Address);
/* winelink.c: is this a DLL of Wine's that does not know links; what stands for its function Name at Address, mostly that itself; and
 * for their NtCreateFile. */
enum { WineNone, WineKernel32, WineKernelBase };
UCHAR RtlpWineKind(PCUNICODE_STRING Name, const void *Base, ULONG SizeOfImage);
PVOID RtlpInsteadOfWine(UCHAR Kind, PCSZ Name, PVOID Address);
NTSTATUS NTAPI RtlpCreateFileForWine(PHANDLE File, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, PIO_STATUS_BLOCK IoStatus,
        PLARGE_INTEGER Size, ULONG FileAttributes, ULONG Share, ULONG Disposition, ULONG Options, PVOID Ea, ULONG EaLength);
NTSTATUS RtlpInitializeEnvironment(PRTL_USER_PROCESS_PARAMETERS Parameters);
/* Path of the system directory, with the closing backslash: C:\windows\system32\ */
VOID RtlpGetSystemDirectory(PWCHAR Buffer, ULONG Room);
/* RtlGetFullPathName_U that says why: *Length is its result.  STATUS_NO_MEMORY, STATUS_OBJECT_NAME_INVALID. */
NTSTATUS RtlpGetFullPath(PCWSTR FileName, ULONG BufferLength, PWSTR Buffer, PWSTR *FilePart, PULONG Length);
NTSTATUS KiContinueService(PCONTEXT ContextRecord, BOOLEAN TestAlert);
