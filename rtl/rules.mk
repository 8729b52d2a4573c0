# rtl: pure code shared by ntos, ntdll and the driver host; the object list is $(rtl.objs).
rtl.srcs := $(sort $(wildcard rtl/*.c))
$(call pe-objects,rtl,$(rtl.srcs),-mgeneral-regs-only)
