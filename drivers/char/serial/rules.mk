$(call driver,serial,$(addprefix drivers/char/serial/,serial.c uart.c transfer.c control.c) $(fdo.srcs))
