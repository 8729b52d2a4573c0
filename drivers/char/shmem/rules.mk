$(call driver,shmem,drivers/char/shmem/shmem.c $(fdo.srcs))
