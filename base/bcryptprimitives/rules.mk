# bcryptprimitives.dll, which the package libwine lacks.

$(call pe-objects,bcryptprimitives,base/bcryptprimitives/main.c,-mgeneral-regs-only)
$(call pe-link,bcryptprimitives.dll,$(bcryptprimitives.objs) $(BUILD)/lib/ntdll.lib,/dll /noentry /base:0x7FFC10000000 /dynamicbase)
ALL += $(BUILD)/bcryptprimitives.dll
