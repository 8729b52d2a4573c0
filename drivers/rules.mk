# The driver host: ntoskrnl.exe and hal.dll.  Drivers have rules of their own (tools/make/driver.mk).

$(call pe-objects,ntoskrnl,$(wildcard drivers/host/*.c drivers/host/*.S),$(DDK_FLAGS) -D_NTOSKRNL_ -D_NTHALDLL_ -D_NTSYSTEM_)
$(call pe-link,ntoskrnl.exe,$(ntoskrnl.objs) $(BUILD)/lib/ntdll.lib drivers/host/ntoskrnl.def,/entry:NtProcessStartup /def:drivers/host/ntoskrnl.def /implib:$(BUILD)/obj/ntoskrnl/unused.lib)
$(call pe-implib,ntoskrnl,drivers/host/ntoskrnl.def)

$(call pe-objects,hal,drivers/host/hal/hal.c,$(DDK_FLAGS) -D_NTHALDLL_)
$(call pe-link,hal.dll,$(hal.objs) $(BUILD)/lib/ntoskrnl.lib drivers/host/hal/hal.def,/dll /entry:DllMain /def:drivers/host/hal/hal.def /implib:$(BUILD)/obj/hal/unused.lib)
$(call pe-implib,hal,drivers/host/hal/hal.def)

ALL += $(BUILD)/ntoskrnl.exe $(BUILD)/hal.dll
