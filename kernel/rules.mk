# The microkernel: $(BUILD)/kernel.elf (with symbols) and $(BUILD)/kernel32.elf (what multiboot loaders take).
#
# KERNEL_VARIANT is a folder whose headers come before the kernel's of the same name: tests/kernel/strict makes a kernel without extensions.
# KERNEL_CONFIG sets build variables of kernel/include/config.h, e.g. KERNEL_CONFIG=-DCONFIG_NUM_DOMAINS=16.

KERNEL_CONFIG ?=
KERNEL_VARIANT ?=

KERNEL_FLAGS := -flto --target=x86_64-unknown-none-elf -std=gnu11 -ffreestanding -fno-pic -mcmodel=kernel -mno-red-zone \
                -mgeneral-regs-only -mstack-alignment=8 -fno-stack-protector -fno-strict-aliasing -fno-asynchronous-unwind-tables \
                -fno-ident -fomit-frame-pointer -ffile-prefix-map=$(CURDIR)/= $(addprefix -I,$(KERNEL_VARIANT)) -I.

kernel.debug_release := kernel/api/debug_off.c
kernel.debug_debug   := kernel/api/debug_on.c
kernel.src := $(filter-out kernel/api/debug_%.c,$(wildcard kernel/api/*.c)) $(kernel.debug_$(CONFIG)) \
              $(wildcard kernel/object/*.c kernel/sched/*.c kernel/arch/x86_64/*.c kernel/arch/x86_64/*.S)
kernel.objs := $(addprefix $(BUILD)/obj/kernel/,$(addsuffix .o,$(kernel.src)))

$(BUILD)/obj/kernel/%.c.o: %.c kernel/rules.mk
	$(call say,CC,$<)mkdir -p $(@D) && $(CLANG) $(KERNEL_FLAGS) $(OPT) $(WARN) $(DEPS) $(KERNEL_CONFIG) -c $< -o $@
$(BUILD)/obj/kernel/%.S.o: %.S kernel/rules.mk
	$(call say,AS,$<)mkdir -p $(@D) && $(CLANG) $(KERNEL_FLAGS) $(DEPS) $(KERNEL_CONFIG) -c $< -o $@

$(BUILD)/kernel.elf: $(kernel.objs) kernel/kernel.ld
	$(call say,LINK,$@)$(LD_LLD) -m elf_x86_64 -T kernel/kernel.ld -z max-page-size=4096 -z noexecstack \
	    --no-dynamic-linker -static --build-id=none -o $@ $(kernel.objs)

$(BUILD)/kernel32.elf: $(BUILD)/kernel.elf
	$(call say,OBJCOPY,$@)$(OBJCOPY) --strip-all -O elf32-i386 $< $@

ALL += $(BUILD)/kernel.elf $(BUILD)/kernel32.elf

.PHONY: proofs
proofs:
	kernel/proofs/run.py
