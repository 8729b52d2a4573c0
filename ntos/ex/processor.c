/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The processor as CPUID describes it: for NtQuerySystemInformation, and at start for the registry, where programs look for its name
 * and speed (HARDWARE\DESCRIPTION\System\CentralProcessor\0, volatile) and their environment gets its family from.
 *
 * Source: "Intel 64 and IA-32 Architectures Software Developer's Manual" volume 2, CPUID.  Nothing here waits.
 */
#include "ntos/ex/exp.h"
#include "ntos/inc/cm.h"
#include <cpuid.h>

typedef struct _EX_PROCESSOR {
    ULONG Family, Model, Stepping, Features;
    CHAR Vendor[13];
    CHAR Identifier[64];                /* as Windows' setup of a processor writes it */
    CHAR Brand[49];                     /* empty: the processor has none */
} EX_PROCESSOR, *PEX_PROCESSOR;

static VOID ExpIdentifyProcessor(PEX_PROCESSOR Processor)
{
    ULONG Eax, Ebx, Ecx, Edx, Words[12];

    memset(Processor, 0, sizeof(*Processor));
    __cpuid(0, Eax, Ebx, Ecx, Edx);
    memcpy(Processor->Vendor, (ULONG[]){ Ebx, Edx, Ecx }, 12);
    __cpuid(1, Eax, Ebx, Ecx, Edx);
    Processor->Features = Edx;
    Processor->Family = Eax >> 8 & 0xf;
    Processor->Model = Eax >> 4 & 0xf;
    Processor->Stepping = Eax & 0xf;
    if (Processor->Family == 6 || Processor->Family == 15)
        Processor->Model |= Eax >> 12 & 0xf0;
    if (Processor->Family == 15)
        Processor->Family += Eax >> 20 & 0xff;
    _snprintf(Processor->Identifier, sizeof(Processor->Identifier), "%s Family %u Model %u Stepping %u",
            strcmp(Processor->Vendor, "GenuineIntel") == 0 ? "Intel64" : "AMD64", (unsigned)Processor->Family,
            (unsigned)Processor->Model, (unsigned)Processor->Stepping);
    __cpuid(0x80000000, Eax, Ebx, Ecx, Edx);
    if (Eax < 0x80000004)
        return;
    for (ULONG i = 0; i < 3; i++)
        __cpuid(0x80000002 + i, Words[i * 4], Words[i * 4 + 1], Words[i * 4 + 2], Words[i * 4 + 3]);
    memcpy(Processor->Brand, Words, sizeof(Words));
}

/* --- NtQuerySystemInformation ------------------------------------------------------------------------------------- */

NTSTATUS ExpQueryProcessor(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        USHORT Architecture, Level, Revision, MaximumProcessors;
        ULONG FeatureBits;
    } Info = { 0 };
    EX_PROCESSOR Processor;

    ExpIdentifyProcessor(&Processor);
    Info.Architecture = PROCESSOR_ARCHITECTURE_AMD64;
    Info.Level = (USHORT)Processor.Family;
    Info.Revision = (USHORT)(Processor.Model << 8 | Processor.Stepping);
    Info.MaximumProcessors = 1;
    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

NTSTATUS ExpQueryProcessorBrand(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    EX_PROCESSOR Processor;

    ExpIdentifyProcessor(&Processor);
    return ExpPut(UserBuffer, Length, Needed, Processor.Brand, sizeof(Processor.Brand));
}

/* --- the registry ------------------------------------------------------------------------------------------------- */

static NTSTATUS ExpWriteText(PCM_KEY Key, PCWSTR Name, PCSTR Text)
{
    WCHAR Wide[80];
    ULONG Chars = 0;

    do {
        Wide[Chars] = (UCHAR)Text[Chars];
    } while (Text[Chars++] != 0 && Chars < ARRAYSIZE(Wide));
    return CmWriteValue(Key, Name, REG_SZ, Wide, Chars * sizeof(WCHAR));
}

static NTSTATUS ExpWriteDescription(PCM_KEY Key, const EX_PROCESSOR *Processor)
{
    ULONG Megahertz = KeQueryProcessorMegahertz();
    NTSTATUS Status = ExpWriteText(Key, L"Identifier", Processor->Identifier);

    if (NT_SUCCESS(Status))
        Status = ExpWriteText(Key, L"VendorIdentifier", Processor->Vendor);
    if (NT_SUCCESS(Status) && Processor->Brand[0] != 0)
        Status = ExpWriteText(Key, L"ProcessorNameString", Processor->Brand);
    if (NT_SUCCESS(Status))
        Status = CmWriteValue(Key, L"FeatureSet", REG_DWORD, &Processor->Features, sizeof(Processor->Features));
    if (NT_SUCCESS(Status))
        Status = CmWriteValue(Key, L"~MHz", REG_DWORD, &Megahertz, sizeof(Megahertz));
    return Status;
}

/* PROCESSOR_IDENTIFIER, PROCESSOR_LEVEL and PROCESSOR_REVISION of all programs. */
static NTSTATUS ExpWriteEnvironment(PCM_KEY Key, const EX_PROCESSOR *Processor)
{
    CHAR Text[80];
    NTSTATUS Status;

    _snprintf(Text, sizeof(Text), "%s, %s", Processor->Identifier, Processor->Vendor);
    Status = ExpWriteText(Key, L"PROCESSOR_IDENTIFIER", Text);
    _snprintf(Text, sizeof(Text), "%u", (unsigned)Processor->Family);
    if (NT_SUCCESS(Status))
        Status = ExpWriteText(Key, L"PROCESSOR_LEVEL", Text);
    _snprintf(Text, sizeof(Text), "%02x%02x", (unsigned)Processor->Model, (unsigned)Processor->Stepping);
    return NT_SUCCESS(Status) ? ExpWriteText(Key, L"PROCESSOR_REVISION", Text) : Status;
}

NTSTATUS ExInitProcessor(VOID)
{
    static const struct {
        PCWSTR Path;
        NTSTATUS (*Write)(PCM_KEY Key, const EX_PROCESSOR *Processor);
    } Keys[] = {
        { L"\\Registry\\Machine\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", ExpWriteDescription },
        { L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Session Manager\\Environment", ExpWriteEnvironment },
    };
    EX_PROCESSOR Processor;
    NTSTATUS Status = STATUS_SUCCESS;

    ExpIdentifyProcessor(&Processor);
    for (ULONG i = 0; NT_SUCCESS(Status) && i < ARRAYSIZE(Keys); i++) {
        PCM_KEY Key;

        Status = CmCreateKey(Keys[i].Path, &Key);
        if (!NT_SUCCESS(Status))
            break;
        Status = Keys[i].Write(Key, &Processor);
        CmCloseKey(Key);
    }
    return Status;
}
