/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a group of address spaces may commit (jobs).  Groups nest: a page counts in the space's group and in all above.
 */
#include "ntos/mm/mip.h"

static VOID MiAddToQuota(PMM_QUOTA Quota, PMM_SPACE Space, SIZE_T Pages)
{
    for (; Quota != NULL; Quota = Quota->Parent) {
        Quota->Charge += Pages;
        if (Quota->Charge > Quota->Peak)
            Quota->Peak = Quota->Charge;
        if (Space->CommitCharge > Quota->SpacePeak)
            Quota->SpacePeak = Space->CommitCharge;
    }
}

static VOID MiTakeFromQuota(PMM_QUOTA Quota, SIZE_T Pages)
{
    for (; Quota != NULL; Quota = Quota->Parent)
        Quota->Charge -= Pages;
}

BOOLEAN MiQuotaAllows(PMM_SPACE Space, SIZE_T Pages)
{
    for (PMM_QUOTA Quota = Space->Quota; Quota != NULL; Quota = Quota->Parent) {
        BOOLEAN OfSpace = Quota->SpaceLimit != 0 && Space->CommitCharge + Pages > Quota->SpaceLimit;

        if (OfSpace || (Quota->Limit != 0 && Quota->Charge + Pages > Quota->Limit)) {
            Quota->Refused(Quota, Space, OfSpace);
            return FALSE;
        }
    }
    return TRUE;
}

VOID MiAddSpaceCharge(PMM_SPACE Space, SIZE_T Pages)
{
    Space->CommitCharge += Pages;
    if (Space->CommitCharge > Space->PeakCommitCharge)
        Space->PeakCommitCharge = Space->CommitCharge;
    if (Space->Quota != NULL)
        MiAddToQuota(Space->Quota, Space, Pages);
}

VOID MiTakeSpaceCharge(PMM_SPACE Space, SIZE_T Pages)
{
    Space->CommitCharge -= Pages;
    if (Space->Quota != NULL)
        MiTakeFromQuota(Space->Quota, Pages);
}

VOID MmSetQuota(PMM_SPACE Space, PMM_QUOTA Quota)
{
    MiTakeFromQuota(Space->Quota, Space->CommitCharge);
    Space->Quota = Quota;
    MiAddToQuota(Quota, Space, Space->CommitCharge);
}
