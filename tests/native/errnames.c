/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What OBJECT_ATTRIBUTES and UNICODE_STRINGs may not say, to every service that takes one (the rows of errors-table.h): a wrong
 * Length, attributes that are none, a root that is closed or of another type, names that are odd, too long, without buffer, or
 * relative to nothing, descriptors and qualities of service that cannot be read.
 *
 * Microsoft documents of OBJECT_ATTRIBUTES that Length is sizeof(OBJECT_ATTRIBUTES), and of the services STATUS_INVALID_PARAMETER,
 * STATUS_OBJECT_NAME_INVALID, STATUS_OBJECT_PATH_SYNTAX_BAD, STATUS_INVALID_HANDLE and STATUS_OBJECT_TYPE_MISMATCH.
 *
 * Runs on: Nereid.
 */
#include "errors.h"
#include "errors-table.h"

#define LONGEST 65534

typedef enum _DEFECT {
    ShortAttributes, LongAttributes, NoAttributes, HugeAttributes, LowBit, HighBit, MiddleBit, ClosedRoot, RootOfOtherType, BadNamePointer,
    KernelNamePointer, BadDescriptor, UnknownDescriptor, BadQuality,
    OddName, NullBuffer, BadBuffer, KernelBuffer, EndingBuffer, TooLongName, RelativeToNothing, EmptyName,
    DEFECT_COUNT
} DEFECT;

static const struct {
    PCSTR Name;
    NTSTATUS Status;
    BOOLEAN NeedsName;                  /* only if the attributes have one */
    NTSTATUS OfString;                  /* the same for a string that is no name of an object; 0: no defect */
} Defects[] = {
    [ShortAttributes] = { "Length one short", STATUS_INVALID_PARAMETER },
    [LongAttributes] = { "Length one long", STATUS_INVALID_PARAMETER },
    [NoAttributes] = { "Length 0", STATUS_INVALID_PARAMETER },
    [HugeAttributes] = { "Length 0xffffffff", STATUS_INVALID_PARAMETER },
    [LowBit] = { "attribute 1", STATUS_INVALID_PARAMETER },
    [HighBit] = { "attribute 0x80000000", STATUS_INVALID_PARAMETER },
    [MiddleBit] = { "attribute 0x8000", STATUS_INVALID_PARAMETER },
    [ClosedRoot] = { "a closed root", STATUS_INVALID_HANDLE, TRUE },
    [RootOfOtherType] = { "an event as the root", STATUS_OBJECT_TYPE_MISMATCH, TRUE },
    [BadNamePointer] = { "a name that is not mapped", STATUS_ACCESS_VIOLATION },
    [KernelNamePointer] = { "a name in the kernel", STATUS_ACCESS_VIOLATION },
    [BadDescriptor] = { "a descriptor that is not mapped", STATUS_ACCESS_VIOLATION },
    [UnknownDescriptor] = { "a descriptor of revision 0", STATUS_UNKNOWN_REVISION },
    [BadQuality] = { "a quality of service that is not mapped", STATUS_ACCESS_VIOLATION },
    [OddName] = { "an odd length", STATUS_OBJECT_NAME_INVALID, TRUE, STATUS_INVALID_PARAMETER },
    [NullBuffer] = { "no buffer", STATUS_ACCESS_VIOLATION, TRUE, STATUS_ACCESS_VIOLATION },
    [BadBuffer] = { "a buffer that is not mapped", STATUS_ACCESS_VIOLATION, TRUE, STATUS_ACCESS_VIOLATION },
    [KernelBuffer] = { "a buffer in the kernel", STATUS_ACCESS_VIOLATION, TRUE, STATUS_ACCESS_VIOLATION },
    [EndingBuffer] = { "a buffer that ends too early", STATUS_ACCESS_VIOLATION, TRUE, STATUS_ACCESS_VIOLATION },
    [TooLongName] = { "65534 bytes", STATUS_OBJECT_NAME_INVALID, TRUE },
    [RelativeToNothing] = { "a relative name without root", STATUS_OBJECT_PATH_SYNTAX_BAD, TRUE },
    [EmptyName] = { "an empty name", STATUS_OBJECT_PATH_SYNTAX_BAD, TRUE },
};
C_ASSERT(ARRAYSIZE(Defects) == DEFECT_COUNT);

/* What is answered otherwise, and why. */
static const struct {
    PCSTR Service;
    ULONG Defects;                      /* 1 << DEFECT */
    NTSTATUS Status;
    ULONG Arguments;                    /* 1 << number; 0: all */
} Exceptions[] = {
    /* ZwOpenProcess: a name and a client ID are STATUS_INVALID_PARAMETER_MIX; the rest, but for OBJ_INHERIT, is not looked at. */
    { "NtOpenProcess", 1 << BadNamePointer | 1 << KernelNamePointer, STATUS_INVALID_PARAMETER_MIX },
    { "NtOpenProcess", ~0u, STATUS_SUCCESS },
    { "NtOpenThread", 1 << BadNamePointer | 1 << KernelNamePointer, STATUS_INVALID_PARAMETER_MIX },
    { "NtOpenThread", ~0u, STATUS_SUCCESS },
    /* The file is opened before the key is looked for, and is open without sharing a write. */
    { "NtLoadKey", 1 << RelativeToNothing | 1 << EmptyName, STATUS_SHARING_VIOLATION, 1 << 0 },
    { "NtLoadKey2", 1 << RelativeToNothing | 1 << EmptyName, STATUS_SHARING_VIOLATION, 1 << 0 },
    { "NtLoadKeyEx", 1 << RelativeToNothing | 1 << EmptyName, STATUS_SHARING_VIOLATION, 1 << 0 },
};

static PVOID Reserved, LastPage;
static WCHAR LongText[LONGEST / sizeof(WCHAR) + 1];

static VOID SpoilString(PUNICODE_STRING String, DEFECT Defect)
{
    switch ((ULONG)Defect) {
    case OddName:
        String->Length--;
        break;
    case NullBuffer:
        String->Buffer = NULL;
        break;
    case BadBuffer:
        String->Buffer = Reserved;
        break;
    case KernelBuffer:
        String->Buffer = (PWSTR)0xffff800000001000;
        break;
    case EndingBuffer:
        String->Buffer = (PWSTR)((PUCHAR)LastPage + 0x1000) - 1;
        break;
    case TooLongName:
        *String = (UNICODE_STRING){ LONGEST, LONGEST, LongText };
        break;
    case RelativeToNothing:
        String->Buffer++;
        String->Length -= sizeof(WCHAR);
        break;
    case EmptyName:
        String->Length = 0;
        break;
    }
}

static VOID SpoilAttributes(POBJECT_ATTRIBUTES Attributes, DEFECT Defect)
{
    static UCHAR Zeros[SECURITY_DESCRIPTOR_MIN_LENGTH];

    switch ((ULONG)Defect) {
    case ShortAttributes: Attributes->Length--; break;
    case LongAttributes: Attributes->Length++; break;
    case NoAttributes: Attributes->Length = 0; break;
    case HugeAttributes: Attributes->Length = 0xffffffff; break;
    case LowBit: Attributes->Attributes |= 1; break;
    case HighBit: Attributes->Attributes |= 0x80000000; break;
    case MiddleBit: Attributes->Attributes |= 0x8000; break;
    case ClosedRoot: Attributes->RootDirectory = (HANDLE)0xffff0; break;
    case RootOfOtherType: Attributes->RootDirectory = FindGood('e'); break;
    case BadNamePointer: Attributes->ObjectName = Reserved; break;
    case KernelNamePointer: Attributes->ObjectName = (PVOID)0xffff800000001000; break;
    case BadDescriptor: Attributes->SecurityDescriptor = Reserved; break;
    case UnknownDescriptor: Attributes->SecurityDescriptor = Zeros; break;
    case BadQuality: Attributes->SecurityQualityOfService = Reserved; break;
    default: SpoilString(Attributes->ObjectName, Defect);
    }
    /* A name that is relative to the root. */
    if ((Defect == ClosedRoot || Defect == RootOfOtherType) && Attributes->ObjectName != NULL)
        SpoilString(Attributes->ObjectName, RelativeToNothing);
}

/* 0: none for this argument. */
static NTSTATUS SpoilArgument(const ARGUMENT *Argument, ULONG_PTR Value, DEFECT Defect)
{
    POBJECT_ATTRIBUTES Attributes = (POBJECT_ATTRIBUTES)Value;

    if (Argument->What == 'U' && Argument->Kind == '<' && Argument->Number != 2) {
        if (Defects[Defect].OfString != 0)
            SpoilString((PUNICODE_STRING)Value, Defect);
        return Defects[Defect].OfString;
    }
    if (Argument->What != 'O' || (Defects[Defect].NeedsName && Argument->Number == 0))
        return 0;
    SpoilAttributes(Attributes, Defect);
    return Defects[Defect].Status;
}

static NTSTATUS ExpectedOf(PCSTR Service, ULONG Argument, DEFECT Defect, NTSTATUS Usual)
{
    for (ULONG i = 0; i < ARRAYSIZE(Exceptions); i++)
        if (strcmp(Exceptions[i].Service, Service) == 0 && Exceptions[i].Defects & 1u << Defect &&
            (Exceptions[i].Arguments == 0 || Exceptions[i].Arguments & 1u << Argument))
            return Exceptions[i].Status;
    return Usual;
}

static ULONG OwnHandles(VOID)
{
    ULONG Count = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(NtCurrentProcess(), ProcessHandleCount, &Count, sizeof(Count), NULL));
    return Count;
}

static VOID TestDefect(PCSTR Name, ANY_SERVICE Service, const ARGUMENT *Arguments, ULONG Count, ULONG Index, DEFECT Defect)
{
    ULONG_PTR A[MOST_ARGUMENTS] = { 0 };
    NTSTATUS Status, Expected;
    ULONG Before;

    if (!Build(Arguments, Count, A))
        return;
    Expected = SpoilArgument(&Arguments[Index], A[Index], Defect);
    if (Expected == 0)
        return;
    Expected = ExpectedOf(Name, Index, Defect, Expected);
    Before = OwnHandles();
    Status = Call(Service, A);
    if (!CHECK(Status == Expected))
        Print(L"    %hs, argument %u, %hs: 0x%08X instead of 0x%08X\n", Name, Index, Defects[Defect].Name, Status, Expected);
    if (NT_SUCCESS(Status) && Arguments[0].Kind == '>')
        NtClose(*(PHANDLE)A[0]);
    if (!CHECK(NT_SUCCESS(Status) || OwnHandles() == Before))
        Print(L"    %hs, argument %u, %hs: 0x%08X, and a handle is left\n", Name, Index, Defects[Defect].Name, Status);
}

/* A name goes on behind a zero. */
static VOID TestZeroInName(VOID)
{
    WCHAR Text[] = L"\\BaseNamedObjects\\errnames\0a";
    UNICODE_STRING Whole = { sizeof(Text) - sizeof(WCHAR), sizeof(Text), Text }, Part;
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = &Whole };
    HANDLE Event, Other;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, &Attributes, NotificationEvent, FALSE));
    RtlInitUnicodeString(&Part, Text);
    Attributes.ObjectName = &Part;
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Other, EVENT_ALL_ACCESS, &Attributes));
    Attributes.ObjectName = &Whole;
    if (CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Other, EVENT_ALL_ACCESS, &Attributes)))
        NtClose(Other);
    NtClose(Event);
}

/* Length decides, not MaximumLength: a name that is longer than its room says is read all the same. */
static VOID TestSmallMaximum(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\BaseNamedObjects\\errnames-max");
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = &Name };
    HANDLE Event, Other;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, &Attributes, NotificationEvent, FALSE));
    Name.MaximumLength = 2;
    if (CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Other, EVENT_ALL_ACCESS, &Attributes)))
        NtClose(Other);
    NtClose(Event);
}

/* The longest name that is none too long: found nowhere. */
static VOID TestLongName(VOID)
{
    UNICODE_STRING Name = { LONGEST - sizeof(WCHAR), LONGEST, LongText };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = &Name };
    HANDLE Event;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Event, EVENT_ALL_ACCESS, &Attributes));
}

int wmain(int ArgumentCount, PWSTR *Texts)
{
    SIZE_T Size = 0x1000, Two = 0x2000;

    CheckSystem();
    PrepareCalls();
    NtAllocateVirtualMemory(NtCurrentProcess(), &Reserved, 0, &Size, MEM_RESERVE, PAGE_READWRITE);
    NtAllocateVirtualMemory(NtCurrentProcess(), &LastPage, 0, &Two, MEM_RESERVE, PAGE_READWRITE);
    NtAllocateVirtualMemory(NtCurrentProcess(), &LastPage, 0, &Size, MEM_COMMIT, PAGE_READWRITE);
    for (ULONG i = 0; i < ARRAYSIZE(LongText); i++)
        LongText[i] = 'x';
    LongText[0] = '\\';
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++) {
        ANY_SERVICE Service = FindService(Calls[i].Service);
        ARGUMENT Arguments[MOST_ARGUMENTS];
        ULONG Count = Parse(Calls[i].Arguments, Arguments);

        for (ULONG k = 0; k < Count; k++)
            for (DEFECT Defect = 0; Defect < DEFECT_COUNT; Defect++)
                TestDefect(Calls[i].Service, Service, Arguments, Count, k, Defect);
    }
    TestZeroInName();
    TestSmallMaximum();
    TestLongName();
    return CheckClose();
}
