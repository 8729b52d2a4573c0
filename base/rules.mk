# Native programs: their support library, the session manager, the console, the prompt.
# $(call base-program,NAME,SOURCES) links $(BUILD)/NAME.exe from SOURCES and the support library.

pe-objects-base = $(call pe-objects,$(1),$(2),-mgeneral-regs-only)
$(call pe-objects-base,base-lib,$(wildcard base/lib/*.c))
BASE_LIB := $(base-lib.objs) $(BUILD)/lib/ntdll.lib

define base-program-template
$(call pe-objects-base,$(1),$(2))
$(call pe-link,$(1).exe,$$($(1).objs) $(BASE_LIB),/entry:NtProcessStartup /subsystem:console$(comma)10.0)
ALL += $(BUILD)/$(1).exe
endef
comma := ,
base-program = $(eval $(call base-program-template,$(1),$(2)))
