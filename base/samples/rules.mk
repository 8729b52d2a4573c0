# Sample programs, a line each: copy one, change the name, add your sources.

$(call base-program,hello,base/samples/hello.c)
$(call base-program,threads,base/samples/threads.c)
$(call base-program,memory,base/samples/memory.c)
