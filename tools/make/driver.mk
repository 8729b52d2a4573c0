# The recipe for drivers.  A driver's rules.mk calls
#
#   $(call driver,NAME,SOURCES)
#       makes $(BUILD)/NAME.sys from SOURCES, against the DDK headers, and adds it to ALL.
#
# $(fdo.srcs) is the code of drivers/lib/fdo.h, for drivers that use it.
# drivers/include stands before the DDK's headers (see drivers/include/wdm.h).

DDK_FLAGS := -Idrivers/include -isystem /usr/share/mingw-w64/include/ddk -mgeneral-regs-only '-Wno-\#warnings'

fdo.srcs := drivers/lib/fdo.c

define driver-template
$(call pe-objects,$(1),$(2),$(DDK_FLAGS))
$(call pe-link,$(1).sys,$$($(1).objs) $(BUILD)/lib/ntoskrnl.lib $(BUILD)/lib/hal.lib,/driver /entry:DriverEntry)
ALL += $(BUILD)/$(1).sys
endef
driver = $(eval $(call driver-template,$(1),$(2)))
