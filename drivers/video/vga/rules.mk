# The font is Terminus, 8 x 16, from Debian's xfonts-terminus.
VGA_FONT := /usr/share/fonts/X11/misc/ter-u16n_unicode.pcf.gz

$(BUILD)/gen/font.c: drivers/video/vga/mkfont.py $(VGA_FONT)
	$(call say,FONT,$@)mkdir -p $(@D) && drivers/video/vga/mkfont.py $(VGA_FONT) $@

$(call driver,vga,$(addprefix drivers/video/vga/,vga.c screen.c text.c framebuffer.c) $(BUILD)/gen/font.c $(fdo.srcs))
