$(call driver,i8042prt,$(addprefix drivers/input/i8042prt/,i8042prt.c controller.c class.c) $(fdo.srcs))
