# The driver host (ntoskrnl.exe, hal.dll) and the recipe for drivers:
#
#   $(call driver,NAME,SOURCES)   makes $(BUILD)/NAME.sys from SOURCES, against the DDK headers, and adds it to ALL.

DDK_FLAGS := -Idrivers/include -isystem /usr/share/mingw-w64/include/ddk -mgeneral-regs-only '-Wno-\#warnings'

$(call pe-objects,ntoskrnl,$(wildcard drivers/host/*.c drivers/host/*.S),$(DDK_FLAGS) -D_NTOSKRNL_ -D_NTHALDLL_)
$(call pe-link,ntoskrnl.exe,$(ntoskrnl.objs) $(BUILD)/lib/ntdll.lib drivers/host/ntoskrnl.def,/entry:NtProcessStartup /def:drivers/host/ntoskrnl.def /implib:$(BUILD)/obj/ntoskrnl/unused.lib)
$(call pe-implib,ntoskrnl,drivers/host/ntoskrnl.def)

$(call pe-objects,hal,drivers/host/hal/hal.c,$(DDK_FLAGS) -D_NTHALDLL_)
$(call pe-link,hal.dll,$(hal.objs) $(BUILD)/lib/ntoskrnl.lib drivers/host/hal/hal.def,/dll /entry:DllMain /def:drivers/host/hal/hal.def /implib:$(BUILD)/obj/hal/unused.lib)
$(call pe-implib,hal,drivers/host/hal/hal.def)

define driver-template
$(call pe-objects,$(1),$(2),$(DDK_FLAGS))
$(call pe-link,$(1).sys,$$($(1).objs) $(BUILD)/lib/ntoskrnl.lib $(BUILD)/lib/hal.lib,/driver /entry:DriverEntry)
ALL += $(BUILD)/$(1).sys
endef
driver = $(eval $(call driver-template,$(1),$(2)))

ALL += $(BUILD)/ntoskrnl.exe $(BUILD)/hal.dll
