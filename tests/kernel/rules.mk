# Root tasks that test and measure the kernel: $(BUILD)/ktest.elf and $(BUILD)/kbench.elf.

KTEST_FLAGS := --target=x86_64-unknown-none-elf -std=gnu11 -ffreestanding -fno-pic -mcmodel=large -mno-red-zone \
               -mgeneral-regs-only -fno-stack-protector -fno-strict-aliasing -fno-asynchronous-unwind-tables -fno-ident \
               -fno-builtin -I.

ktest.objs := $(addprefix $(BUILD)/obj/ktest/,$(addsuffix .o,$(wildcard tests/kernel/*.c tests/kernel/*.S)))
ktest.common := $(filter-out %/bench.c.o %/test_%.c.o %/main.c.o,$(ktest.objs))

$(BUILD)/obj/ktest/%.c.o: %.c tests/kernel/rules.mk
	$(call say,CC,$<)mkdir -p $(@D) && $(CLANG) $(KTEST_FLAGS) -O2 $(WARN) $(DEPS) -c $< -o $@
$(BUILD)/obj/ktest/%.S.o: %.S tests/kernel/rules.mk
	$(call say,AS,$<)mkdir -p $(@D) && $(CLANG) $(KTEST_FLAGS) $(DEPS) -c $< -o $@

KTEST_LINK = $(LD_LLD) -m elf_x86_64 -T tests/kernel/task.ld -z max-page-size=4096 -static --build-id=none -o $@

$(BUILD)/ktest.elf: $(ktest.common) $(filter %/test_%.c.o %/main.c.o,$(ktest.objs)) tests/kernel/task.ld
	$(call say,LINK,$@)$(KTEST_LINK) $(filter %.o,$^)
$(BUILD)/kbench.elf: $(ktest.common) $(filter %/bench.c.o,$(ktest.objs)) tests/kernel/task.ld
	$(call say,LINK,$@)$(KTEST_LINK) $(filter %.o,$^)

.PHONY: kernel-test-tasks
kernel-test-tasks: $(BUILD)/ktest.elf
