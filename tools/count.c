/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A QEMU plugin that counts executed guest instructions, exactly and at no cost to the guest.
 *
 * Counted: instructions at user addresses, at kernel addresses, `syscall', loads of CR3, `hlt', and the longest stretch of
 * kernel instructions during which an interrupt has to wait.  The counters live in the file given as live=FILE (six 64-bit
 * numbers in this order), which another process may read at any time.  A guest marks a point with the five-byte NOP
 * 0F 1F 44 00 id (id not 0; legal in user and kernel code, nothing on real hardware); each one executed appends a line to
 * the file given as out=FILE, and so does the end of the run, with ID 0:
 *
 *     ID USER KERNEL SYSCALL CR3 HLT LONGEST
 *
 * A stretch begins and ends where the kernel leaves to user mode (sysret, iret), sleeps (hlt), or passes mark 3, which means
 * "an interrupt would have been served here".  What comes before the first system call is boot and not part of any.
 * LONGEST in a line is the longest since the line before, the counter in the live file the longest of all.
 *
 *   cc -O2 -shared -fPIC -o count.so count.c
 *   qemu-system-x86_64 -plugin ./count.so,out=FILE,live=FILE ...
 */
#include "plugin.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { userInstructions, kernelInstructions, systemCalls, cr3Loads, halts, longestStretch, counters };
static uint64_t *n, stretchStart, longestSinceMark;
static FILE *out;

static void mark(unsigned cpu, void *id)
{
    (void)cpu;
    fprintf(out, "%u %lu %lu %lu %lu %lu %lu\n", (unsigned)(uintptr_t)id, n[userInstructions], n[kernelInstructions],
            n[systemCalls], n[cr3Loads], n[halts], longestSinceMark);
    fflush(out);
    longestSinceMark = 0;
}

static void end_of_run(plugin_id id, void *unused)
{
    (void)id;
    (void)unused;
    mark(0, NULL);
}

static void end_stretch(unsigned cpu, void *unused)
{
    uint64_t length = n[kernelInstructions] - stretchStart;

    (void)cpu;
    (void)unused;
    stretchStart = n[kernelInstructions];
    if (n[systemCalls] == 0)
        return;
    if (length > longestSinceMark)
        longestSinceMark = length;
    if (length > n[longestStretch])
        n[longestStretch] = length;
}

static void count(struct insn *in, int which)
{
    qemu_plugin_register_vcpu_insn_exec_inline(in, 0, &n[which], 1);
}

static void translate(plugin_id id, struct tb *tb)
{
    (void)id;
    for (size_t i = 0, k = qemu_plugin_tb_n_insns(tb); i < k; i++) {
        struct insn *in = qemu_plugin_tb_get_insn(tb, i);
        const uint8_t *code = qemu_plugin_insn_data(in);
        size_t size = qemu_plugin_insn_size(in);
        unsigned number = mark_of(in);

        count(in, qemu_plugin_insn_vaddr(in) >> 63 ? kernelInstructions : userInstructions);
        if (number == interruptible)
            qemu_plugin_register_vcpu_insn_exec_cb(in, end_stretch, 0, NULL);
        else if (number)
            qemu_plugin_register_vcpu_insn_exec_cb(in, mark, 0, (void *)(uintptr_t)number);
        else if (size == 2 && code[0] == 0x0f && code[1] == 0x05)
            count(in, systemCalls);
        else if (size == 3 && code[0] == 0x0f && code[1] == 0x22 && (code[2] & 0x38) == 0x18)
            count(in, cr3Loads);
        else if (size == 1 && code[0] == 0xf4)
            count(in, halts);
        if ((size == 1 && code[0] == 0xf4) || (size == 2 && code[0] == 0x48 && code[1] == 0xcf) ||
            (size == 3 && code[0] == 0x48 && code[1] == 0x0f && code[2] == 0x07))
            qemu_plugin_register_vcpu_insn_exec_cb(in, end_stretch, 0, NULL);
    }
}

/* The counters, in the file `name' or, without one, in memory of our own. */
static uint64_t *make_counters(const char *name)
{
    int file = name ? open(name, O_RDWR | O_CREAT | O_TRUNC, 0644) : -1;
    size_t size = counters * sizeof(uint64_t);
    void *p;

    if (name && (file < 0 || ftruncate(file, (off_t)size)))
        return NULL;
    p = mmap(NULL, size, PROT_READ | PROT_WRITE, name ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, file, 0);
    if (file >= 0)
        close(file);
    return p == MAP_FAILED ? NULL : p;
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    const char *outName = NULL, *liveName = NULL;

    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            outName = argv[i] + 4;
        else if (strncmp(argv[i], "live=", 5) == 0)
            liveName = argv[i] + 5;
    }
    out = outName ? fopen(outName, "w") : stderr;
    n = make_counters(liveName);
    if (!out || !n) {
        perror("count");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, end_of_run, NULL);
    return 0;
}
