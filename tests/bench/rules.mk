# The program that ./bench.sh measures with.

$(call pe-program,bench,tests/bench/bench.c)
