# The support library of native programs: $(BUILD)/lib/native.lib.  The programs' own rules are in their folders.

$(call pe-objects,base-lib,$(wildcard base/lib/*.c),-mgeneral-regs-only)

$(BUILD)/lib/native.lib: $(base-lib.objs)
	$(call say,LIB,$@)mkdir -p $(@D) && rm -f $@ && $(LLVM_AR) crs $@ $^
