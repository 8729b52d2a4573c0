# The boot image: ntos.exe and the boot archive, packed as one ELF file (boot/files.txt lists the archive's files).

BOOT_FILES := $(subst $$(BUILD),$(BUILD),$(filter-out =,$(shell sed -n 's/^[^#=]*= *\([^ ]\)/\1/p' boot/files.txt)))

$(BUILD)/boot.archive: boot/files.txt tools/mkarchive.py $(BOOT_FILES)
	$(call say,ARCHIVE,$@)tools/mkarchive.py -o $@ --define BUILD=$(BUILD) --manifest boot/files.txt

$(BUILD)/ntos.elf: $(BUILD)/ntos.exe $(BUILD)/boot.archive tools/mkimage.py
	$(call say,IMAGE,$@)tools/mkimage.py -o $@ $(BUILD)/ntos.exe $(BUILD)/boot.archive

ALL += $(BUILD)/ntos.elf
