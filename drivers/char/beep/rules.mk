$(call driver,beep,drivers/char/beep/beep.c $(fdo.srcs))
