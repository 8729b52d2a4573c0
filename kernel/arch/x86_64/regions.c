/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of physical memory: regions ascending, not overlapping, not touching, not empty.
 */
#include "kernel/arch/x86_64/boot.h"

static BOOT_CODE void regionDrop(region_list_t *list, word_t i)
{
    for (list->count--; i < list->count; i++)
        list->r[i] = list->r[i + 1];
}

static BOOT_CODE void regionInsert(region_list_t *list, word_t i, p_region_t region)
{
    word_t j;

    if (list->count == MAX_REGIONS)
        bootFatal("the memory map has too many pieces", "use other firmware or less memory");
    for (j = list->count++; j > i; j--)
        list->r[j] = list->r[j - 1];
    list->r[i] = region;
}

/* Adds a piece; what overlaps or touches it is merged with it. */
BOOT_CODE void regionAdd(region_list_t *list, paddr_t start, paddr_t end)
{
    word_t i = 0;

    if (start >= end)
        return;
    while (i < list->count && list->r[i].end < start)
        i++;
    while (i < list->count && list->r[i].start <= end) {
        start = MIN(start, list->r[i].start);
        end = MAX(end, list->r[i].end);
        regionDrop(list, i);
    }
    regionInsert(list, i, (p_region_t){start, end});
}

BOOT_CODE void regionRemove(region_list_t *list, paddr_t start, paddr_t end)
{
    word_t i = 0;
    p_region_t r;

    while (i < list->count && start < end) {
        r = list->r[i];
        if (r.end <= start || r.start >= end) {
            i++;
            continue;
        }
        regionDrop(list, i);
        if (r.start < start)
            regionInsert(list, i++, (p_region_t){r.start, start});
        if (r.end > end)
            regionInsert(list, i++, (p_region_t){end, r.end});
    }
}
