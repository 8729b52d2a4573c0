# Host-side helpers that are compiled: QEMU plugins.

$(BUILD)/count.so $(BUILD)/where.so: $(BUILD)/%.so: tools/%.c tools/plugin.h
	$(call say,HOSTCC,$<)mkdir -p $(@D) && $(HOSTCC) -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -o $@ $<
