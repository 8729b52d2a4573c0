/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ob: the object manager.  Every executive object has an OBJECT_HEADER in front of its body, an OBJECT_TYPE that
 * says what may be done with it, and lives as long as its PointerCount is not 0; every handle holds one reference.
 * A name in the namespace keeps an object only while it has handles or is permanent.
 *
 * Names and contracts are NT's.  Modes: with KernelMode, pointers are trusted pointers of ntos; with UserMode,
 * POBJECT_ATTRIBUTES is a user address of the current process and is captured, once, with everything it points to.
 * Out parameters (PHANDLE and the like) are always pointers of ntos: a service copies its result to the caller itself.
 * Nothing here waits, except what a type's Open, Close or Parse method does.
 */
#pragma once

#include "nt.h"
#include "ntos/inc/mode.h"

typedef struct _OBJECT_TYPE OBJECT_TYPE, *POBJECT_TYPE;
typedef struct _OBJECT_HEADER OBJECT_HEADER, *POBJECT_HEADER;
typedef struct _OBJECT_DIRECTORY OBJECT_DIRECTORY, *POBJECT_DIRECTORY;
typedef struct _HANDLE_TABLE HANDLE_TABLE, *PHANDLE_TABLE;
typedef struct _ACCESS_STATE ACCESS_STATE, *PACCESS_STATE;
typedef struct _EPROCESS *PEPROCESS;

typedef enum _OB_OPEN_REASON {
    ObCreateHandle,
    ObOpenHandle,
    ObDuplicateHandle,
    ObInheritHandle,
    ObMaxOpenReason
} OB_OPEN_REASON;

typedef struct _OBJECT_HANDLE_INFORMATION {
    ULONG HandleAttributes;             /* OBJ_INHERIT, OBJ_PROTECT_CLOSE */
    ACCESS_MASK GrantedAccess;
} OBJECT_HANDLE_INFORMATION, *POBJECT_HANDLE_INFORMATION;

#define OBJ_PROTECT_CLOSE 0x00000001
#define OBJ_HANDLE_ATTRIBUTES (OBJ_PROTECT_CLOSE | OBJ_INHERIT)

/*
 * A type's methods.  Each may be NULL.
 *
 * Open: a handle to Object is about to be made in Process.  May change *GrantedAccess.  A failure refuses the handle.
 * Close: a handle is going away; called before SystemHandleCount (1 = this is the last handle) falls.
 *   DIFFERS: ProcessHandleCount is 0 for every type: nothing here counts handles by process and object.
 * Delete: the last reference went; the body's resources go, the body's memory is ob's.  Must not wait.
 * Parse: RemainingName follows ParseObject in the path (its first character may be a separator).  Returns a
 *   referenced object, or STATUS_REPARSE after ObReparseName(CompleteName, ...), or an error.  It may consume
 *   RemainingName in part only by STATUS_REPARSE.  Attributes are the OBJ_ flags, Context the caller's.
 * QueryName: writes OBJECT_NAME_INFORMATION into a buffer of ntos (Length bytes); NULL: ob builds the path.  Mode tells whether
 *   the name is for a program (NtQueryObject) or for ntos.
 * OkayToClose: FALSE = the handle stays (STATUS_HANDLE_NOT_CLOSABLE).
 */
typedef NTSTATUS (*OB_OPEN_METHOD)(OB_OPEN_REASON OpenReason, KPROCESSOR_MODE AccessMode, PEPROCESS Process,
        PVOID Object, PACCESS_MASK GrantedAccess, ULONG HandleCount);
typedef VOID (*OB_CLOSE_METHOD)(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount,
        ULONG_PTR SystemHandleCount);
typedef VOID (*OB_DELETE_METHOD)(PVOID Object);
typedef NTSTATUS (*OB_PARSE_METHOD)(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState,
        KPROCESSOR_MODE AccessMode, ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName,
        PVOID Context, PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object);
typedef NTSTATUS (*OB_QUERYNAME_METHOD)(PVOID Object, BOOLEAN HasObjectName, POBJECT_NAME_INFORMATION NameInfo,
        ULONG Length, PULONG ReturnLength, KPROCESSOR_MODE Mode);
typedef BOOLEAN (*OB_OKAYTOCLOSE_METHOD)(PEPROCESS Process, PVOID Object, HANDLE Handle, KPROCESSOR_MODE Mode);

typedef enum _SECURITY_OPERATION_CODE {
    SetSecurityDescriptor,
    QuerySecurityDescriptor,
    DeleteSecurityDescriptor,
    AssignSecurityDescriptor
} SECURITY_OPERATION_CODE;

/* All buffers are of ntos.  NULL: the descriptor is kept in the object header (SeDefaultObjectMethod). */
typedef NTSTATUS (*OB_SECURITY_METHOD)(PVOID Object, SECURITY_OPERATION_CODE OperationCode,
        PSECURITY_INFORMATION SecurityInformation, PSECURITY_DESCRIPTOR SecurityDescriptor, PULONG Length);

#define OB_NOT_WAITABLE (-1)
#define OB_ALWAYS_SIGNALLED (-2)        /* waits for objects of the type end at once: NT's default object */

typedef struct _OBJECT_TYPE_INITIALIZER {
    ULONG InvalidAttributes;            /* OBJ_ flags that the type refuses */
    GENERIC_MAPPING GenericMapping;
    ACCESS_MASK ValidAccessMask;
    LONG WaitOffset;                    /* bytes from the body to its DISPATCHER_HEADER, or OB_ above */
    BOOLEAN SecurityRequired;
    BOOLEAN KeepsAccess;                /* a duplicate has at most the access of its source */
    BOOLEAN CaseInsensitive;            /* opens of the type are, whatever OBJ_CASE_INSENSITIVE says */
    OB_OPEN_METHOD OpenProcedure;
    OB_CLOSE_METHOD CloseProcedure;
    OB_DELETE_METHOD DeleteProcedure;
    OB_PARSE_METHOD ParseProcedure;
    OB_SECURITY_METHOD SecurityProcedure;
    OB_QUERYNAME_METHOD QueryNameProcedure;
    OB_OKAYTOCLOSE_METHOD OkayToCloseProcedure;
    PVOID (*TokenProcedure)(PVOID Object);      /* the token that labels what a program makes (SeLabelForToken); NULL: none does */
} OBJECT_TYPE_INITIALIZER, *POBJECT_TYPE_INITIALIZER;

struct _OBJECT_TYPE {
    UNICODE_STRING Name;
    ULONG Index;                        /* 2.., as NtQueryObject shows it */
    LONG TotalNumberOfObjects;
    LONG TotalNumberOfHandles;
    LONG HighWaterNumberOfObjects;
    LONG HighWaterNumberOfHandles;
    OBJECT_TYPE_INITIALIZER TypeInfo;
};

typedef struct _OBJECT_HEADER_NAME_INFO {
    POBJECT_HEADER Header;              /* the object of this name */
    POBJECT_DIRECTORY Directory;        /* the directory that holds the name; referenced; NULL once unlinked */
    UNICODE_STRING Name;                /* the last component; follows this structure in memory */
    struct _OBJECT_HEADER_NAME_INFO *HashNext;
    LIST_ENTRY Order;                   /* all names of the directory, oldest first */
    ULONG Hash;
} OBJECT_HEADER_NAME_INFO, *POBJECT_HEADER_NAME_INFO;

#define OB_FLAG_PERMANENT 0x01
#define OB_FLAG_EXCLUSIVE 0x02
#define OB_FLAG_INSERTED 0x04           /* ObInsertObject was done */

typedef struct _OBJECT_CREATE_INFORMATION OBJECT_CREATE_INFORMATION, *POBJECT_CREATE_INFORMATION;

struct _OBJECT_HEADER {
    LONG_PTR PointerCount;
    LONG_PTR HandleCount;
    POBJECT_TYPE Type;
    ULONG Flags;
    ULONG BodySize;
    POBJECT_HEADER_NAME_INFO NameInfo;  /* NULL: no name */
    union {
        POBJECT_CREATE_INFORMATION CreateInfo;      /* from ObCreateObject to ObInsertObject */
        POBJECT_HEADER NextToDelete;
    };
    PSECURITY_DESCRIPTOR SecurityDescriptor;        /* self-relative, pool; NULL: none */
    ULONG_PTR Reserved;
};
_Static_assert(sizeof(OBJECT_HEADER) == 64, "the body stays 16-byte aligned");

static inline POBJECT_HEADER OBJECT_TO_OBJECT_HEADER(PVOID Object)
{
    return (POBJECT_HEADER)Object - 1;
}

static inline PVOID OBJECT_HEADER_TO_OBJECT(POBJECT_HEADER Header)
{
    return Header + 1;
}

static inline POBJECT_TYPE ObGetObjectType(PVOID Object)
{
    return OBJECT_TO_OBJECT_HEADER(Object)->Type;
}

/* Sets up the root, the standard directories and types Type, Directory, SymbolicLink.  Needs the pool only. */
NTSTATUS ObInitSystem(VOID);

/* Registers a type; the name is copied.  The type object appears in \ObjectTypes. */
NTSTATUS ObCreateObjectType(PUNICODE_STRING TypeName, POBJECT_TYPE_INITIALIZER ObjectTypeInitializer,
        PVOID Reserved, POBJECT_TYPE *ObjectType);

/*
 * Makes an object with a zeroed body of ObjectBodySize bytes and one reference, not yet in the namespace.
 * ProbeMode tells how ObjectAttributes (may be NULL) is read.  ParseContext, charges: unused, 0.
 */
NTSTATUS ObCreateObject(KPROCESSOR_MODE ProbeMode, POBJECT_TYPE ObjectType, POBJECT_ATTRIBUTES ObjectAttributes,
        KPROCESSOR_MODE OwnershipMode, PVOID ParseContext, ULONG ObjectBodySize, ULONG PagedPoolCharge,
        ULONG NonPagedPoolCharge, PVOID *Object);

/*
 * Inserts the object under the name of its attributes, if any, and makes a handle in the current process if Handle
 * is not NULL.  Always consumes the creator's reference, also on failure, unless NewObject is given (then it
 * receives one referenced pointer; ObjectPointerBias counts further references wanted).  An object of that name
 * that exists is opened instead if OBJ_OPENIF says so (STATUS_OBJECT_NAME_EXISTS, a success status), else
 * STATUS_OBJECT_NAME_COLLISION.  PassedAccessState may be NULL.
 */
NTSTATUS ObInsertObject(PVOID Object, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess,
        ULONG ObjectPointerBias, PVOID *NewObject, PHANDLE Handle);

/*
 * Handle -> referenced object, in the current process.  ObjectType NULL: any.  -1 and -2 are the current process
 * and thread.
 */
NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation);
/* The same in the table of another process (Process->ObjectTable). */
NTSTATUS ObReferenceProcessHandle(PEPROCESS Process, HANDLE Handle, ACCESS_MASK DesiredAccess,
        POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID *Object,
        POBJECT_HANDLE_INFORMATION HandleInformation);
NTSTATUS ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode);
NTSTATUS ObReferenceObjectByName(PUNICODE_STRING ObjectName, ULONG Attributes, PACCESS_STATE AccessState,
        ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID ParseContext,
        PVOID *Object);

static inline VOID ObReferenceObject(PVOID Object)
{
    OBJECT_TO_OBJECT_HEADER(Object)->PointerCount++;
}

/* The object of a list that holds no references may be dying: TRUE = a reference was taken. */
static inline BOOLEAN ObReferenceObjectSafe(PVOID Object)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);

    if (Header->PointerCount == 0)
        return FALSE;
    Header->PointerCount++;
    return TRUE;
}

VOID ObpDeleteLastReference(POBJECT_HEADER Header);

static inline VOID ObDereferenceObject(PVOID Object)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);

    if (--Header->PointerCount == 0)
        ObpDeleteLastReference(Header);
}

/*
 * Opens by name, with all the rules of the namespace (case, symbolic links, parse methods).  ParseContext goes to the
 * parse methods.  ByName: AccessMode says how ObjectAttributes is read.  The handle is in the current process.
 */
NTSTATUS ObOpenObjectByName(POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
        PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess, PVOID ParseContext, PHANDLE Handle);
NTSTATUS ObOpenObjectByPointer(PVOID Object, ULONG HandleAttributes, PACCESS_STATE PassedAccessState,
        ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PHANDLE Handle);

/*
 * For parse methods: replaces the name that is being looked up by Prefix + Rest (either may be NULL), then
 * returns STATUS_REPARSE.
 */
NTSTATUS ObReparseName(PUNICODE_STRING CompleteName, PUNICODE_STRING Prefix, PUNICODE_STRING Rest);

/* Makes a handle in Process without a check: for ps (standard handles, process and thread handles). */
NTSTATUS ObInsertHandle(PEPROCESS Process, PVOID Object, ACCESS_MASK GrantedAccess, ULONG HandleAttributes,
        OB_OPEN_REASON Reason, PHANDLE Handle);
NTSTATUS ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode);
NTSTATUS ObCloseProcessHandle(PEPROCESS Process, HANDLE Handle, KPROCESSOR_MODE PreviousMode);
NTSTATUS ObDuplicateObject(PEPROCESS SourceProcess, HANDLE SourceHandle, PEPROCESS TargetProcess,
        PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Options,
        KPROCESSOR_MODE PreviousMode);

/*
 * Handle tables of processes.  ps keeps the pointer in EPROCESS.ObjectTable.
 * ObInheritHandles copies every OBJ_INHERIT handle of Parent into the (empty) table of Child, same values; with
 * HandleCount != 0 only those of the list HandleList (of ntos).  ObKillProcess closes all handles and frees the table;
 * Process->ObjectTable becomes NULL; it may wait.
 */
NTSTATUS ObCreateHandleTable(PHANDLE_TABLE *Table);
NTSTATUS ObInheritHandles(PEPROCESS Parent, PEPROCESS Child, const HANDLE *HandleList, ULONG HandleCount);
VOID ObKillProcess(PEPROCESS Process);
/* The table of the system process; ps may put it into EPROCESS.ObjectTable there.  ObKillProcess does not free it. */
extern PHANDLE_TABLE ObpKernelHandleTable;
ULONG ObGetProcessHandleCount(PEPROCESS Process);
/* All objects there are, and all handles. */
VOID ObQueryCounts(PULONG64 Objects, PULONG64 Handles);
/* How many handles and other references an object has. */
VOID ObQueryReferences(PVOID Object, PSIZE_T Handles, PSIZE_T Pointers);
/* Calls Callback for every handle of Process until it answers FALSE.  Callback must not wait, open or close handles. */
typedef BOOLEAN (*OB_HANDLE_CALLBACK)(PVOID Context, HANDLE Handle, PVOID Object,
        POBJECT_HANDLE_INFORMATION HandleInformation);
VOID ObEnumerateHandles(PEPROCESS Process, OB_HANDLE_CALLBACK Callback, PVOID Context);

/* The path of an object into a buffer of ntos. */
NTSTATUS ObQueryNameString(PVOID Object, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length, PULONG ReturnLength);
extern struct _KEVENT ObDefaultObject;          /* signalled for ever */
/* The dispatcher object that a wait for Object waits for, or NULL. */
static inline PVOID ObGetWaitableObject(PVOID Object)
{
    LONG Offset = ObGetObjectType(Object)->TypeInfo.WaitOffset;

    if (Offset >= 0)
        return (PUCHAR)Object + Offset;
    return Offset == OB_ALWAYS_SIGNALLED ? &ObDefaultObject : NULL;
}

/* No name any more (the name goes now, not at the last handle); the object lives by its references. */
VOID ObMakeTemporaryObject(PVOID Object);

/*
 * The ends of create and open services.  ObReturnHandle writes Handle to the program's variable, or NULL if Status is
 * a failure, and closes it again if that cannot be written; returns the service's status.  ObOpenUserObject is a whole NtOpenXxx.
 */
NTSTATUS ObReturnHandle(NTSTATUS Status, HANDLE Handle, PHANDLE UserHandle);
NTSTATUS ObOpenUserObject(POBJECT_TYPE ObjectType, PHANDLE UserHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes);

/* Kernel-mode conveniences.  Path is absolute; the object is permanent. */
NTSTATUS ObCreatePermanentDirectory(PCWSTR Path);
NTSTATUS ObCreatePermanentSymbolicLink(PCWSTR Path, PCWSTR Target);

/*
 * User memory: the attributes of a service argument.  ObpCapture... fails with STATUS_INVALID_PARAMETER (length),
 * STATUS_OBJECT_NAME_INVALID (odd or overlong name), STATUS_ACCESS_VIOLATION, STATUS_INSUFFICIENT_RESOURCES.
 * ObjectAttributes may be NULL.  Only what ObpCapture... filled needs a release: ObCreateObject and
 * ObOpenObjectByName capture and release by themselves.
 */
struct _OBJECT_CREATE_INFORMATION {
    ULONG Attributes;                   /* OBJ_KERNEL_HANDLE only with KernelMode */
    KPROCESSOR_MODE Mode;
    HANDLE RootDirectory;
    UNICODE_STRING Name;                /* Buffer NULL: none; pool */
    PSECURITY_DESCRIPTOR SecurityDescriptor;        /* captured, self-relative, pool; or NULL */
    BOOLEAN HasQos;
    SECURITY_QUALITY_OF_SERVICE SecurityQos;
};
NTSTATUS ObpCaptureObjectAttributes(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES ObjectAttributes,
        POBJECT_CREATE_INFORMATION Captured);
VOID ObpReleaseObjectAttributes(POBJECT_CREATE_INFORMATION Captured);
/* User UNICODE_STRING -> pool copy (NUL follows).  Free with ObpReleaseString. */
NTSTATUS ObpCaptureString(KPROCESSOR_MODE Mode, const UNICODE_STRING *Source, PUNICODE_STRING Captured);
VOID ObpReleaseString(PUNICODE_STRING String);

extern POBJECT_TYPE ObpTypeObjectType;
extern POBJECT_TYPE ObpDirectoryObjectType;
extern POBJECT_TYPE ObpSymbolicLinkObjectType;
