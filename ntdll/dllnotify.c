/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Callbacks for modules that come and go (LdrRegisterDllNotification).
 *
 * A load tells of its new modules when their imports are resolved, dependencies first, before any of their entry points runs; an
 * unload tells of each module behind its last entry point, while it is still mapped.  Everything is under the loader lock.  A
 * callback may register and unregister: a node that goes away during a round is freed behind it.
 * Source: Microsoft, "LdrRegisterDllNotification", "LdrDllNotification".
 */
#include "ntdllp.h"

typedef struct _NOTIFICATION_NODE {
    LIST_ENTRY Links;
    PLDR_DLL_NOTIFICATION_FUNCTION Routine;     /* NULL: unregistered */
    PVOID Context;
} NOTIFICATION_NODE;

static LIST_ENTRY LdrpNotifications = { &LdrpNotifications, &LdrpNotifications };
static ULONG LdrpNotifying;                     /* rounds that are under way */
static BOOLEAN LdrpNotificationsToFree;

static VOID LdrpFreeNotifications(VOID)
{
    PLIST_ENTRY Next;

    LdrpNotificationsToFree = FALSE;
    for (PLIST_ENTRY Link = LdrpNotifications.Flink; Link != &LdrpNotifications; Link = Next) {
        NOTIFICATION_NODE *Node = CONTAINING_RECORD(Link, NOTIFICATION_NODE, Links);

        Next = Link->Flink;
        if (Node->Routine != NULL)
            continue;
        RemoveEntryList(Link);
        RtlFreeHeap(RtlProcessHeap(), 0, Node);
    }
}

/* Reason: LDR_DLL_NOTIFICATION_REASON_.  An unload is told of for modules whose load was. */
VOID LdrpNotifyOfModule(PLDRP_MODULE Module, ULONG Reason)
{
    LDR_DLL_NOTIFICATION_DATA Data = { .Loaded = { 0, &Module->Entry.FullDllName, &Module->Entry.BaseDllName,
            Module->Entry.DllBase, Module->Entry.SizeOfImage } };
    BOOLEAN IsLoad = Reason == LDR_DLL_NOTIFICATION_REASON_LOADED;

    if (Module->Notified == IsLoad)
        return;
    Module->Notified = IsLoad;
    LdrpNotifying++;
    for (PLIST_ENTRY Link = LdrpNotifications.Flink; Link != &LdrpNotifications; Link = Link->Flink) {
        NOTIFICATION_NODE *Node = CONTAINING_RECORD(Link, NOTIFICATION_NODE, Links);

        if (Node->Routine != NULL)
            Node->Routine(Reason, &Data, Node->Context);
    }
    if (--LdrpNotifying == 0 && LdrpNotificationsToFree)
        LdrpFreeNotifications();
}

/* Flags: 0.  *Cookie is for LdrUnregisterDllNotification. */
NTSTATUS NTAPI LdrRegisterDllNotification(ULONG Flags, PLDR_DLL_NOTIFICATION_FUNCTION NotificationFunction, PVOID Context,
        PVOID *Cookie)
{
    NOTIFICATION_NODE *Node;

    if (Flags != 0 || NotificationFunction == NULL || Cookie == NULL)
        return STATUS_INVALID_PARAMETER;
    Node = RtlAllocateHeap(RtlProcessHeap(), 0, sizeof(*Node));
    if (Node == NULL)
        return STATUS_NO_MEMORY;
    Node->Routine = NotificationFunction;
    Node->Context = Context;
    RtlEnterCriticalSection(&LdrpLoaderLock);
    InsertTailList(&LdrpNotifications, &Node->Links);
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    *Cookie = Node;
    return STATUS_SUCCESS;
}

/* STATUS_DLL_NOT_FOUND, or STATUS_INVALID_PARAMETER if it is NULL: Cookie is none.  When it returns, the callback is not at work in another thread. */
NTSTATUS NTAPI LdrUnregisterDllNotification(PVOID Cookie)
{
    NTSTATUS Status = STATUS_DLL_NOT_FOUND;

    if (Cookie == NULL)
        return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&LdrpLoaderLock);
    for (PLIST_ENTRY Link = LdrpNotifications.Flink; Link != &LdrpNotifications; Link = Link->Flink) {
        NOTIFICATION_NODE *Node = CONTAINING_RECORD(Link, NOTIFICATION_NODE, Links);

        if (Node != Cookie || Node->Routine == NULL)
            continue;
        Node->Routine = NULL;
        LdrpNotificationsToFree = TRUE;
        Status = STATUS_SUCCESS;
        break;
    }
    if (LdrpNotifying == 0 && LdrpNotificationsToFree)
        LdrpFreeNotifications();
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Status;
}
