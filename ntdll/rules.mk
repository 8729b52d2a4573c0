# ntdll.dll: its own sources and rtl's objects; the exports are what the objects define (mkdef.py), and the names of
# exports.txt that nothing defines yet (mkmissing.py).
ntdll.srcs := $(sort $(wildcard ntdll/*.c)) ntdll/stubs.S ntdll/entry.S
# A frame of a page could step over the stack's guard page: nothing probes stacks (tools/make/toolchain.mk).
$(call pe-objects,ntdll,$(ntdll.srcs),-Intdll -mgeneral-regs-only -Wframe-larger-than=4095)

ntdll.gen := $(BUILD)/gen/ntdll
NTDLL_BASE := 0x7FFC00000000
NM := llvm-nm-19

$(BUILD)/obj/ntdll/ntdll/stubs.S.o: abi/services.def

$(ntdll.gen)/missing.S: $(ntdll.objs) $(rtl.objs) ntdll/mkmissing.py ntdll/mkdef.py ntdll/exports.txt
	$(call say,GEN,$@)mkdir -p $(@D) && PYTHONDONTWRITEBYTECODE=1 python3 ntdll/mkmissing.py $(NM) $@ ntdll/exports.txt $(ntdll.objs) $(rtl.objs)

$(ntdll.gen)/missing.S.o: $(ntdll.gen)/missing.S
	$(call say,AS,$<)$(CLANG) $(PE_FLAGS) -c $< -o $@

$(ntdll.gen)/ntdll.def: $(ntdll.objs) $(rtl.objs) ntdll/mkdef.py ntdll/exports.txt
	$(call say,GEN,$@)mkdir -p $(@D) && PYTHONDONTWRITEBYTECODE=1 python3 ntdll/mkdef.py $(NM) $@ ntdll/exports.txt $(ntdll.objs) $(rtl.objs)

$(ntdll.gen)/import.def: $(ntdll.objs) $(rtl.objs) ntdll/mkdef.py ntdll/exports.txt
	$(call say,GEN,$@)mkdir -p $(@D) && PYTHONDONTWRITEBYTECODE=1 python3 ntdll/mkdef.py $(NM) $@ ntdll/exports.txt --import $(ntdll.objs) $(rtl.objs)

$(BUILD)/ntdll.dll: $(ntdll.gen)/ntdll.def
$(call pe-link,ntdll.dll,$(ntdll.objs) $(rtl.objs) $(ntdll.gen)/missing.S.o,/dll /noentry /base:$(NTDLL_BASE) /dynamicbase:no /def:$(ntdll.gen)/ntdll.def /implib:$(ntdll.gen)/unused.lib)
$(call pe-implib,ntdll,$(ntdll.gen)/import.def)

ALL += $(BUILD)/ntdll.dll $(BUILD)/lib/ntdll.lib
