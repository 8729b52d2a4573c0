/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The functions of QEMU's plugin interface that the plugins here use.  Debian has no header for them (QEMU: docs/devel/tcg-plugins.rst).
 */
#ifndef TOOLS_PLUGIN_H
#define TOOLS_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t plugin_id;
struct tb;
struct insn;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct tb *));
size_t qemu_plugin_tb_n_insns(const struct tb *);
struct insn *qemu_plugin_tb_get_insn(const struct tb *, size_t);
const void *qemu_plugin_insn_data(const struct insn *);
size_t qemu_plugin_insn_size(const struct insn *);
uint64_t qemu_plugin_insn_vaddr(const struct insn *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct insn *, int op, void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct insn *, void (*)(unsigned, void *), int flags, void *);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);

#define EXPORTED __attribute__((visibility("default")))
EXPORTED int qemu_plugin_version = 1;
EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

/* Mark 3 says that an interrupt would have been served here; the others are points that a run names in its results. */
enum { interruptible = 3 };

/* The number of a mark in the guest, the five-byte NOP 0F 1F 44 00 id; 0 where the instruction is none. */
static inline unsigned mark_of(const struct insn *in)
{
    static const uint8_t marker[] = { 0x0f, 0x1f, 0x44, 0x00 };
    const uint8_t *code = qemu_plugin_insn_data(in);

    return qemu_plugin_insn_size(in) == 5 && memcmp(code, marker, sizeof(marker)) == 0 ? code[4] : 0;
}

#endif
