$(call driver,crash,tests/drivers/crash/crash.c)
$(call driver,hostile,tests/drivers/hostile/hostile.c drivers/host/services.S)
