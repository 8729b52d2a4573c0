# ntos: the executive, one PE image at a fixed address; tools/mkimage.py packs it with the boot archive (boot/rules.mk).
ntos.srcs := $(sort $(wildcard ntos/*/*.c ntos/*/*/*.c ntos/*/*.S))
# A debug ntos's variables that nothing has been written to are full of MM_UNWRITTEN, as new pool blocks are.
ntos.unwritten_debug := -ftrivial-auto-var-init=pattern
# No other image's data is imported, so variables need no pointers in between; ntos catches no exceptions of its own, so nobody would read
# tables for unwinding.
$(call pe-objects,ntos,$(ntos.srcs),-mgeneral-regs-only -fno-auto-import -fno-unwind-tables $(ntos.unwritten_$(CONFIG)))
# Rooms whose services nobody calls often: small is worth more than fast there, down to machines of 8 MiB.
ntos.small_release := -Os
$(patsubst %,$(BUILD)/obj/ntos/%.o,$(wildcard $(foreach room,cm hal io ldr lpc ps se,ntos/$(room)/*.c))): OPT += $(ntos.small_$(CONFIG))
$(call pe-link,ntos.exe,$(ntos.objs) $(rtl.objs),/entry:KiEntry /base:0x10000000 /fixed /dynamicbase:no /map:$(BUILD)/ntos.map /debug:symtab)
ALL += $(BUILD)/ntos.exe
