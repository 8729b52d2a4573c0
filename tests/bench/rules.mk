# The program that ./bench.sh measures with.

$(call pe-objects-base,bench,tests/bench/bench.c)
$(call pe-link,bench.exe,$(bench.objs) $(BASE_LIB),/entry:NtProcessStartup /subsystem:console$(comma)10.0)
