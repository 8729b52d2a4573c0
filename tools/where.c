/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A QEMU plugin that tells where instructions were executed: how many in each block of 16 bytes of virtual addresses.
 *
 * At each mark in the guest (see count.c), and at the end of the run as mark 0, it writes what was executed since the mark before:
 *
 *     mark ID
 *     ADDRESS COUNT       (hexadecimal address of a block, decimal count; a line for each block with a count)
 *
 * Address spaces are not told apart: what has an address of its own (a DLL at its base, the executive, the kernel) is.  where.py adds up
 * the blocks of modules and functions.
 *
 *   cc -O2 -shared -fPIC -o where.so where.c
 *   qemu-system-x86_64 -plugin ./where.so,out=FILE ...
 */
#include "plugin.h"
#include <stdio.h>
#include <stdlib.h>

enum { blockBits = 4, bucketBits = 20 };
/* A block keeps its place for ever: translated code adds to its count. */
struct block { uint64_t number, count; struct block *next; };

static struct block *buckets[1 << bucketBits];
static FILE *out;

static struct block *block_of(uint64_t address)
{
    uint64_t number = address >> blockBits;
    struct block **bucket = &buckets[number * 0x9E3779B97F4A7C15 >> (64 - bucketBits)], *b;

    for (b = *bucket; b; b = b->next)
        if (b->number == number)
            return b;
    b = malloc(sizeof(*b));
    if (!b) {
        perror("where");
        abort();
    }
    *b = (struct block){ number, 0, *bucket };
    *bucket = b;
    return b;
}

static void mark(unsigned cpu, void *id)
{
    (void)cpu;
    fprintf(out, "mark %u\n", (unsigned)(uintptr_t)id);
    for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++)
        for (struct block *b = buckets[i]; b; b = b->next) {
            if (b->count)
                fprintf(out, "%lx %lu\n", b->number << blockBits, b->count);
            b->count = 0;
        }
    fflush(out);
}

static void end_of_run(plugin_id id, void *unused)
{
    (void)id;
    (void)unused;
    mark(0, NULL);
}

static void translate(plugin_id id, struct tb *tb)
{
    (void)id;
    for (size_t i = 0, k = qemu_plugin_tb_n_insns(tb); i < k; i++) {
        struct insn *in = qemu_plugin_tb_get_insn(tb, i);
        unsigned number = mark_of(in);

        qemu_plugin_register_vcpu_insn_exec_inline(in, 0, &block_of(qemu_plugin_insn_vaddr(in))->count, 1);
        if (number && number != interruptible)
            qemu_plugin_register_vcpu_insn_exec_cb(in, mark, 0, (void *)(uintptr_t)number);
    }
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    out = argc == 1 && strncmp(argv[0], "out=", 4) == 0 ? fopen(argv[0] + 4, "w") : NULL;
    if (!out) {
        fprintf(stderr, "where: out=FILE is missing, or the file cannot be written\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, end_of_run, NULL);
    return 0;
}
