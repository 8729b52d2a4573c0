$(call driver,null,drivers/char/null/null.c)
