# DLLs of Windows in whose place the package libwine has some that lean on Wine's Unix side; boot/win32/files.txt puts them on the volume.

define win32-dll-template
$(call pe-objects,$(1),base/win32/$(1).c,-mgeneral-regs-only)
$(call pe-link,$(1).dll,$$($(1).objs) $(BUILD)/lib/ntdll.lib,/dll /subsystem:windows$(comma)10.0 /entry:DllMain /base:$(2) /dynamicbase $(3))
ALL += $(BUILD)/$(1).dll
endef
win32-dll = $(eval $(call win32-dll-template,$(1),$(2),$(3)))

$(call win32-dll,ws2_32,0x181000000,/def:base/win32/ws2_32.def)
$(BUILD)/ws2_32.dll: base/win32/ws2_32.def
