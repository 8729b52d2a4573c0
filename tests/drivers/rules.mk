$(call driver,crash,tests/drivers/crash/crash.c)
