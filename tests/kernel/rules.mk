# Root tasks that test and measure the kernel: $(BUILD)/ktest.elf and $(BUILD)/kbench.elf.

KTEST_FLAGS := --target=x86_64-unknown-none-elf -std=gnu11 -ffreestanding -fno-pic -mcmodel=large -mno-red-zone \
               -mgeneral-regs-only -fno-stack-protector -fno-strict-aliasing -fno-asynchronous-unwind-tables -fno-ident \
               -fno-builtin -I.

ktest.objs := $(addprefix $(BUILD)/obj/ktest/,$(addsuffix .o,$(wildcard tests/kernel/*.c tests/kernel/*.S)))
ktest.common := $(filter-out %/bench.c.o %/test_%.c.o %/main.c.o,$(ktest.objs))

$(BUILD)/obj/ktest/%.c.o: %.c tests/kernel/rules.mk
	$(call say,CC,$<)mkdir -p $(@D) && $(CLANG) $(KTEST_FLAGS) $(KTEST_CONFIG) -O2 $(WARN) $(DEPS) -c $< -o $@
$(BUILD)/obj/ktest/%.S.o: %.S tests/kernel/rules.mk
	$(call say,AS,$<)mkdir -p $(@D) && $(CLANG) $(KTEST_FLAGS) $(DEPS) -c $< -o $@

KTEST_LINK = $(LD_LLD) -m elf_x86_64 -T tests/kernel/task.ld -z max-page-size=4096 -static --build-id=none -o $@

$(BUILD)/ktest.elf: $(ktest.common) $(filter %/test_%.c.o %/main.c.o,$(ktest.objs)) tests/kernel/task.ld
	$(call say,LINK,$@)$(KTEST_LINK) $(filter %.o,$^)
$(BUILD)/kbench.elf: $(ktest.common) $(filter %/bench.c.o,$(ktest.objs)) tests/kernel/task.ld
	$(call say,LINK,$@)$(KTEST_LINK) $(filter %.o,$^)

.PHONY: kernel-test-tasks
kernel-test-tasks: $(BUILD)/ktest.elf

# The object code as host programs with sanitizers: $(BUILD)/kernel-fuzz (random) and $(BUILD)/kernel-libfuzzer.
khost.src := $(filter-out kernel/api/debug_%.c,$(wildcard kernel/api/*.c)) kernel/api/debug_off.c $(wildcard kernel/object/*.c kernel/sched/*.c) \
             $(addprefix kernel/arch/x86_64/,apic.c context.c ioport.c objects.c vspace.c vspace_decode.c) $(wildcard tests/kernel/host/*.c)
KHOST_FLAGS := -std=gnu11 -O2 -g -DDBG=1 -DPPTR_BASE=0x200000000000ull -fno-strict-aliasing -Itests/kernel/host -I. $(WARN) \
               -fsanitize=address,undefined -fno-sanitize-recover=all

# The checks themselves without sanitizers: they are most of the time.
khost.checked := $(filter-out %/invariants.c %/memory.c,$(khost.src))
khost.checks := $(patsubst %.c,$(BUILD)/obj/khost/%.o,$(filter %/invariants.c %/memory.c,$(khost.src)))
khost.headers := $(wildcard tests/kernel/host/*.h tests/kernel/host/kernel/arch/x86_64/*.h kernel/include/*.h kernel/arch/x86_64/*.h)

$(BUILD)/obj/khost/%.o: %.c $(khost.headers)
	$(call say,HOSTCC,$<)mkdir -p $(@D) && $(HOSTCC) $(filter-out -fsanitize% -fno-sanitize%,$(KHOST_FLAGS)) -O3 -c $< -o $@
$(BUILD)/kernel-fuzz: $(khost.checked) $(khost.checks) $(khost.headers)
	$(call say,HOSTCC,$@)mkdir -p $(@D) && $(HOSTCC) $(KHOST_FLAGS) $(khost.checked) $(khost.checks) -o $@
$(BUILD)/kernel-libfuzzer: $(khost.checked) $(khost.checks) $(khost.headers)
	$(call say,HOSTCC,$@)mkdir -p $(@D) && $(HOSTCC) $(KHOST_FLAGS) -fsanitize=fuzzer -DHOST_LIBFUZZER $(khost.checked) $(khost.checks) -o $@

# Boot as a host program with changed loader maps, ACPI tables and root tasks.
kboot.src := $(filter-out tests/kernel/host/%,$(khost.src)) tests/kernel/host/world.c tests/kernel/hostboot/boot.c \
             $(addprefix kernel/arch/x86_64/,acpi.c cmdline.c msr.c multiboot.c regions.c)
$(BUILD)/kernel-boot: $(kboot.src) kernel/arch/x86_64/rootserver.c $(khost.headers)
	$(call say,HOSTCC,$@)mkdir -p $(@D) && $(HOSTCC) $(KHOST_FLAGS) -no-pie '-DKERNEL_ELF_BASE=(word_t)hostImage' \
	    -include tests/kernel/hostboot/image.h $(kboot.src) -o $@

.PHONY: mutations kernel-mutations
mutations: kernel-mutations
kernel-mutations:
	tests/kernel/mutations/run.py --all --record
