# Sample programs, a line each: copy one, change the name, add your sources.

$(call pe-program,hello,base/samples/hello.c)
$(call pe-program,threads,base/samples/threads.c)
$(call pe-program,memory,base/samples/memory.c)
