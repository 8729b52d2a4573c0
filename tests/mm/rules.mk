# The mm test task: ntos/mm and ntos/ldr as a root task of their own, with a native program behind it.
mmtest.srcs := $(sort $(wildcard tests/mm/*.c tests/mm/*.S ntos/mm/*.c ntos/ldr/*.c))
$(call pe-objects,mmtest,$(mmtest.srcs),-mgeneral-regs-only)
$(call pe-link,mmtest.exe,$(mmtest.objs) $(rtl.objs),/entry:TestEntry /base:0x10000000 /fixed)
$(BUILD)/mmtest.elf: $(BUILD)/mmtest.exe tools/mkimage.py
	$(call say,IMAGE,$@)python3 tools/mkimage.py -o $@ $< $<

TESTS += $(BUILD)/mmtest.elf
