# The boot images: ntos.exe and a boot archive, packed as one ELF file.  ntos.elf has the native system (boot/files.txt), win32.elf
# the Win32 system too (boot/win32/files.txt), whose files lie outside $(BUILD): making ours anew does not repeat them.

WIN32 := build/win32/files
boot-sources = $(shell sed -n 's/^[^#=]*= *\($$(BUILD)[^ ]*\|[^ $$]*\).*/\1/p' $(1))
BOOT_FILES := $(subst $$(BUILD),$(BUILD),$(call boot-sources,boot/files.txt))
WIN32_FILES := $(subst $$(BUILD),$(BUILD),$(call boot-sources,boot/win32/files.txt))

build/win32/stamp: boot/win32/files.txt tools/win32.sh tools/pepictures.py
	$(call say,FETCH,libwine)tools/win32.sh boot/win32/files.txt build/win32 && touch $@

$(BUILD)/boot.archive: boot/files.txt tools/mkarchive.py $(BOOT_FILES)
	$(call say,ARCHIVE,$@)tools/mkarchive.py -o $@ --define BUILD=$(BUILD) --manifest boot/files.txt

$(BUILD)/win32.archive: boot/files.txt boot/win32/files.txt tools/mkarchive.py build/win32/stamp $(BOOT_FILES) $(WIN32_FILES)
	$(call say,ARCHIVE,$@)tools/mkarchive.py -o $@ --define BUILD=$(BUILD) --define WIN32=$(WIN32) \
	    --manifest boot/files.txt --manifest boot/win32/files.txt

$(BUILD)/ntos.elf $(BUILD)/win32.elf: $(BUILD)/ntos.exe tools/mkimage.py
	$(call say,IMAGE,$@)tools/mkimage.py -o $@ $(BUILD)/ntos.exe $(filter %.archive,$^)

$(BUILD)/ntos.elf: $(BUILD)/boot.archive
$(BUILD)/win32.elf: $(BUILD)/win32.archive

ALL += $(BUILD)/ntos.elf $(BUILD)/win32.elf
