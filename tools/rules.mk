# Host-side helpers that are compiled.

$(BUILD)/count.so: tools/count.c
	$(call say,HOSTCC,$<)mkdir -p $(@D) && $(HOSTCC) -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -o $@ $<
