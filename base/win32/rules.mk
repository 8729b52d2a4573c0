# DLLs of Windows that the package libwine lacks; boot/win32/files.txt puts them on the volume.

$(call pe-objects,bcryptprimitives,base/win32/bcryptprimitives.c,-mgeneral-regs-only)
$(call pe-link,bcryptprimitives.dll,$(bcryptprimitives.objs) $(BUILD)/lib/ntdll.lib,/dll /subsystem:windows$(comma)10.0 /entry:DllMain /base:0x180000000 /dynamicbase)
ALL += $(BUILD)/bcryptprimitives.dll
