# Builds everything below build/$(CONFIG)/. Each room names its sources in a rules.mk of its own;
# the recipes they share are in tools/make/.  Users call ./build.sh; `make help` lists the targets.

CONFIG ?= release
ifeq ($(filter $(CONFIG),release debug),)
$(error CONFIG is `$(CONFIG)'; it is `release' or `debug')
endif

BUILD := build/$(CONFIG)
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

include tools/make/toolchain.mk
include tools/make/pe.mk
include tools/make/driver.mk
include $(wildcard tools/rules.mk) $(wildcard kernel/rules.mk) $(wildcard rtl/rules.mk) $(wildcard ntdll/rules.mk)
include $(sort $(wildcard drivers/rules.mk drivers/*/rules.mk drivers/*/*/rules.mk))
include $(sort $(wildcard base/rules.mk base/*/rules.mk))
include $(sort $(wildcard tests/rules.mk tests/*/rules.mk))
include $(wildcard boot/rules.mk) $(wildcard ntos/rules.mk)

.PHONY: all clean help
all: $(ALL)

clean:
	rm -rf $(BUILD)

help:
	@echo 'make [CONFIG=release|debug] [all|clean|FILE]'
	@echo 'Files:' $(ALL)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
