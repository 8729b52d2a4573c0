# Recipes for PE files.  A room calls
#
#   $(call pe-objects,TARGET,SOURCES,FLAGS)
#       compiles SOURCES (.c or .S) with PE_FLAGS and FLAGS below $(BUILD)/obj/TARGET/;
#       the object list is $(TARGET.objs).
#   $(call pe-link,FILE,OBJECTS,LINK FLAGS)
#       links $(BUILD)/FILE (an .exe, .dll or .sys).  Import libraries are objects too.
#   $(call pe-implib,NAME,DEF)
#       makes the import library $(BUILD)/lib/NAME.lib from the module definition file DEF.
#   $(call pe-program,NAME,SOURCES)
#       makes a native program, $(BUILD)/NAME.exe, from SOURCES, the support library base/lib and ntdll.dll,
#       and adds it to ALL.
#
# Every image is laid out with 4 KiB file alignment: file pages are memory pages, so mapping one copies nothing.

define pe-objects-template
$(1).objs := $(addprefix $(BUILD)/obj/$(1)/,$(addsuffix .o,$(2)))
$(BUILD)/obj/$(1)/%.c.o: %.c
	$$(call say,CC,$$<)mkdir -p $$(@D) && $(CLANG) $(PE_FLAGS) $$(OPT) $(WARN) $(DEPS) $(3) -c $$< -o $$@
$(BUILD)/obj/$(1)/%.S.o: %.S
	$$(call say,AS,$$<)mkdir -p $$(@D) && $(CLANG) $(PE_FLAGS) $$(OPT) $(DEPS) $(3) -c $$< -o $$@
endef
pe-objects = $(eval $(call pe-objects-template,$(1),$(2),$(3)))

PE_LINK := /nologo /nodefaultlib /subsystem:native,10.0 /timestamp:0 /filealign:4096 /WX

define pe-link-template
$(BUILD)/$(1): $(2)
	$$(call say,LINK,$$@)mkdir -p $$(@D) && $(LLD_LINK) $(PE_LINK) $(3) /out:$$@ $$(filter %.o %.lib,$$^)
endef
pe-link = $(eval $(call pe-link-template,$(1),$(2),$(3)))

define pe-implib-template
$(BUILD)/lib/$(1).lib: $(2)
	$$(call say,IMPLIB,$$@)mkdir -p $$(@D) && $(DLLTOOL) -m i386:x86-64 -d $$< -l $$@
endef
pe-implib = $(eval $(call pe-implib-template,$(1),$(2)))

comma := ,
define pe-program-template
$(call pe-objects,$(1),$(2),-mgeneral-regs-only)
$(call pe-link,$(1).exe,$$($(1).objs) $(BUILD)/lib/native.lib $(BUILD)/lib/ntdll.lib,/entry:NtProcessStartup /subsystem:console$(comma)10.0)
ALL += $(BUILD)/$(1).exe
endef
pe-program = $(eval $(call pe-program-template,$(1),$(2)))
