# ntos: the executive, one PE image at a fixed address; tools/mkimage.py packs it with the boot archive (boot/rules.mk).
ntos.srcs := $(sort $(wildcard ntos/*/*.c ntos/*/*/*.c ntos/*/*.S))
# A debug ntos's variables that nothing has been written to are full of MM_UNWRITTEN, as new pool blocks are.
ntos.unwritten_debug := -ftrivial-auto-var-init=pattern
# No other image's data is imported, so variables need no pointers in between.
$(call pe-objects,ntos,$(ntos.srcs),-mgeneral-regs-only -fno-auto-import $(ntos.unwritten_$(CONFIG)))
$(call pe-link,ntos.exe,$(ntos.objs) $(rtl.objs),/entry:KiEntry /base:0x10000000 /fixed /dynamicbase:no /map:$(BUILD)/ntos.map /debug:symtab)
ALL += $(BUILD)/ntos.exe
