# DLLs of Windows in whose place the package libwine has some that lean on Wine's Unix side; boot/win32/files.txt puts them on the volume.

# $(1) name, $(2) base address, $(3) objects that are made otherwise, $(4) linker's options, $(5) sources beside the one of its name
define win32-dll-template
$(call pe-objects,$(1),base/win32/$(1).c $(5),-mgeneral-regs-only)
$(call pe-link,$(1).dll,$$($(1).objs) $(3) $(BUILD)/lib/ntdll.lib,/dll /subsystem:windows$(comma)10.0 /base:$(2) /dynamicbase $(4))
ALL += $(BUILD)/$(1).dll
endef
win32-dll = $(eval $(call win32-dll-template,$(1),$(2),$(3),$(4),$(5)))

$(call win32-dll,ws2_32,0x181000000,,/entry:DllMain /def:base/win32/ws2_32.def,base/win32/addrinfo.c)
$(BUILD)/ws2_32.dll: base/win32/ws2_32.def

# win32u.dll: the names of win32u.txt that win32u.c does not define are made as ntdll's missing ones are.
win32u.gen := $(BUILD)/gen/win32u
$(call win32-dll,win32u,0x182000000,$(win32u.gen)/missing.S.o,/noentry /def:$(win32u.gen)/win32u.def)
$(BUILD)/win32u.dll: $(win32u.gen)/win32u.def

$(win32u.gen)/missing.S: $(win32u.objs) ntdll/mkmissing.py ntdll/mkdef.py base/win32/win32u.txt
	$(call say,GEN,$@)mkdir -p $(@D) && PYTHONDONTWRITEBYTECODE=1 python3 ntdll/mkmissing.py $(NM) $@ base/win32/win32u.txt $(win32u.objs)
$(win32u.gen)/missing.S.o: $(win32u.gen)/missing.S
	$(call say,AS,$<)$(CLANG) $(PE_FLAGS) -c $< -o $@
$(win32u.gen)/win32u.def: $(win32u.objs) ntdll/mkdef.py base/win32/win32u.txt
	$(call say,GEN,$@)mkdir -p $(@D) && PYTHONDONTWRITEBYTECODE=1 python3 ntdll/mkdef.py $(NM) $@ base/win32/win32u.txt $(win32u.objs)
