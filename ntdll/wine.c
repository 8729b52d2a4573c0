/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names that are not Windows': the Win32 DLLs of Debian's libwine import them.  Four carry debug messages, which go to the debug
 * log; two translate paths to those of a Unix host, and one calls that host, which is not there.  Two tell versions: programs that
 * see wine_get_version allow for what is Wine's in the DLLs, and Wine's those DLLs are.
 *
 * Those DLLs also take two priorities otherwise: a process's base priority for its class, a thread's priority for what
 * SetThreadPriority set.  Imports of theirs alone are bound to routines here that answer so; all others get Windows' answers.
 *
 * A channel has a name and a byte of classes that it reports; a highest bit says that the byte is to be set.  Pieces of
 * messages gather in one buffer, and each complete line is logged at once.  Pieces of two threads may mix in a line: it
 * is for people to read.
 */
#include "ntdllp.h"

enum { DebugFixme, DebugError, DebugWarning, DebugTrace };

#define DEBUG_CHANNEL_NEW 0x80
#define DEBUG_DEFAULT (1 << DebugFixme | 1 << DebugError)
#define DEBUG_STRINGS 4096
#define DEBUG_STRING 1024
#define DEBUG_LINE 400

#define DLLS_VERSION "8.0"              /* Debian 12's libwine */
#define DLL_SIGNATURE "Wine builtin DLL"        /* behind the DOS header of each of its DLLs */
#define SATURATED 16                    /* NT's increment for THREAD_PRIORITY_TIME_CRITICAL (15), its negative for _IDLE */

typedef struct _DEBUG_CHANNEL {
    UCHAR Flags;
    CHAR Name[15];
} DEBUG_CHANNEL, *PDEBUG_CHANNEL;

static RTL_SRWLOCK RtlpDebugLock;
static CHAR RtlpDebugStrings[DEBUG_STRINGS];    /* texts that arguments of a message point to, reused in turn */
static SIZE_T RtlpDebugStringsUsed;
static CHAR RtlpDebugLine[DEBUG_LINE];
static SIZE_T RtlpDebugLength;

unsigned char __cdecl __wine_dbg_get_channel_flags(PDEBUG_CHANNEL Channel);
const char *__cdecl __wine_dbg_strdup(const char *Text);
int __cdecl __wine_dbg_header(unsigned Class, PDEBUG_CHANNEL Channel, const char *Function);
int __cdecl __wine_dbg_output(const char *Text);
NTSTATUS __cdecl wine_nt_to_unix_file_name(const OBJECT_ATTRIBUTES *Attributes, char *Name, PULONG Size,
        ULONG Disposition);
NTSTATUS __cdecl wine_unix_to_nt_file_name(const char *Name, WCHAR *Buffer, PULONG Size);
const char *__cdecl wine_get_version(void);
void __cdecl wine_get_host_version(const char **System, const char **Release);

unsigned char __cdecl __wine_dbg_get_channel_flags(PDEBUG_CHANNEL Channel)
{
    if (Channel->Flags & DEBUG_CHANNEL_NEW)
        Channel->Flags = DEBUG_DEFAULT;
    return Channel->Flags;
}

/* A copy that lives until some more thousands of characters were copied. */
const char *__cdecl __wine_dbg_strdup(const char *Text)
{
    SIZE_T Length = strnlen(Text, DEBUG_STRING - 1);
    PCHAR Copy;

    RtlAcquireSRWLockExclusive(&RtlpDebugLock);
    if (RtlpDebugStringsUsed + Length + 1 > DEBUG_STRINGS)
        RtlpDebugStringsUsed = 0;
    Copy = RtlpDebugStrings + RtlpDebugStringsUsed;
    memcpy(Copy, Text, Length);
    Copy[Length] = 0;
    RtlpDebugStringsUsed += Length + 1;
    RtlReleaseSRWLockExclusive(&RtlpDebugLock);
    return Copy;
}

/* Under the lock. */
static VOID RtlpAddDebugText(const char *Text)
{
    for (; *Text != 0; Text++) {
        if (*Text != '\n')
            RtlpDebugLine[RtlpDebugLength++] = *Text;
        if (*Text == '\n' || RtlpDebugLength == DEBUG_LINE) {
            DbgPrint("%.*s\n", (int)RtlpDebugLength, RtlpDebugLine);
            RtlpDebugLength = 0;
        }
    }
}

/* Begins a message; -1: the channel does not report this class. */
int __cdecl __wine_dbg_header(unsigned Class, PDEBUG_CHANNEL Channel, const char *Function)
{
    static const char *const Names[] = { "fixme", "err", "warn", "trace" };
    char Text[160];

    if (Class < ARRAYSIZE(Names) && !(__wine_dbg_get_channel_flags(Channel) & 1 << Class))
        return -1;
    _snprintf(Text, sizeof(Text) - 1, "%s:%.15s:%s ", Class < ARRAYSIZE(Names) ? Names[Class] : "", Channel->Name,
              Function != NULL ? Function : "");
    Text[sizeof(Text) - 1] = 0;
    return __wine_dbg_output(Text);
}

int __cdecl __wine_dbg_output(const char *Text)
{
    RtlAcquireSRWLockExclusive(&RtlpDebugLock);
    RtlpAddDebugText(Text);
    RtlReleaseSRWLockExclusive(&RtlpDebugLock);
    return (int)strlen(Text);
}

NTSTATUS __cdecl wine_nt_to_unix_file_name(const OBJECT_ATTRIBUTES *Attributes, char *Name, PULONG Size,
        ULONG Disposition)
{
    return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS __cdecl wine_unix_to_nt_file_name(const char *Name, WCHAR *Buffer, PULONG Size)
{
    return STATUS_NOT_IMPLEMENTED;
}

/* A function of a DLL's Unix side; Table is what NtQueryVirtualMemory(MemoryWineUnixFuncs) gave. */
static NTSTATUS NTAPI RtlpCallUnixFunction(ULONG64 Table, ULONG Code, PVOID Arguments)
{
    DbgPrint("ntdll: function %lu of a DLL's Unix side is not there\n", Code);
    return STATUS_NOT_IMPLEMENTED;
}

/* The DLLs look this variable up by its name and call through it. */
NTSTATUS (NTAPI *__wine_unix_call_dispatcher)(ULONG64 Table, ULONG Code, PVOID Arguments) = RtlpCallUnixFunction;

const char *__cdecl wine_get_version(void)
{
    return DLLS_VERSION;
}

/* Either pointer may be NULL. */
void __cdecl wine_get_host_version(const char **System, const char **Release)
{
    if (System != NULL)
        *System = "Nereid";
    if (Release != NULL)
        *Release = "";
}

/* --- answers that Wine's DLLs take otherwise ----------------------------------------------------------------------- */

BOOLEAN RtlpIsWineDll(const void *Base, ULONG SizeOfImage)
{
    return SizeOfImage >= sizeof(IMAGE_DOS_HEADER) + sizeof(DLL_SIGNATURE) &&
           memcmp((const UCHAR *)Base + sizeof(IMAGE_DOS_HEADER), DLL_SIGNATURE, sizeof(DLL_SIGNATURE)) == 0;
}

/* BasePriority is the class. */
static NTSTATUS NTAPI RtlpQueryProcessForWine(HANDLE Process, PROCESSINFOCLASS Class, PVOID Buffer, ULONG Length, PULONG ReturnLength)
{
    NTSTATUS Status = NtQueryInformationProcess(Process, Class, Buffer, Length, ReturnLength);
    struct { BOOLEAN Foreground; UCHAR Class; } Priority;

    if (!NT_SUCCESS(Status) || Class != ProcessBasicInformation || Length != sizeof(PROCESS_BASIC_INFORMATION))
        return Status;
    Status = NtQueryInformationProcess(Process, ProcessPriorityClass, &Priority, sizeof(Priority), NULL);
    if (NT_SUCCESS(Status))
        ((PPROCESS_BASIC_INFORMATION)Buffer)->BasePriority = Priority.Class;
    return Status;
}

/* Priority is what SetThreadPriority set. */
static NTSTATUS NTAPI RtlpQueryThreadForWine(HANDLE Thread, THREADINFOCLASS Class, PVOID Buffer, ULONG Length, PULONG ReturnLength)
{
    NTSTATUS Status = NtQueryInformationThread(Thread, Class, Buffer, Length, ReturnLength);
    PTHREAD_BASIC_INFORMATION Basic = Buffer;

    if (!NT_SUCCESS(Status) || Class != ThreadBasicInformation)
        return Status;
    Basic->Priority = Basic->BasePriority;
    if (Basic->Priority == SATURATED || Basic->Priority == -SATURATED)
        Basic->Priority -= Basic->Priority / SATURATED;
    return Status;
}

PVOID RtlpForWine(PVOID Address)
{
    if (Address == (PVOID)NtQueryInformationProcess)
        return (PVOID)RtlpQueryProcessForWine;
    if (Address == (PVOID)NtQueryInformationThread)
        return (PVOID)RtlpQueryThreadForWine;
    if (Address == (PVOID)NtCreateFile)
        return (PVOID)RtlpCreateFileForWine;
    return Address;
}
