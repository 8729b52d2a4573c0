#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
set -u
. "$(dirname "$0")/tools/sh/common.sh"

help() {
    cat <<'EOF'
Usage: ./bench.sh [NAME...]

Measures the release build and prints a table in Markdown: guest instructions, counted by a QEMU plugin (tools/count.c), each
figure the median of several runs.  Names: boot memory idle services many run sizes kernel win32 (default: all
but win32, which fetches packages: the programs and Debian's kernel for virtual machines).
  --runs N   how often each is measured (default 5)
EOF
}

names=() runs=5
while (($#)); do
    case $1 in
    -h | --help) help; exit 0 ;;
    --runs) (($# > 1)) && [[ $2 =~ ^[1-9][0-9]*$ ]] || usage_error "--runs wants a number"; runs=$2; shift ;;
    boot | memory | idle | services | many | run | sizes | kernel | win32) names+=("$1") ;;
    *) usage_error "unknown argument '$1'" ;;
    esac
    shift
done

setup build run iso test
build release all build/release/count.so build/release/where.so build/release/bench.exe build/release/kbench.elf build/release/ktest.elf
cd "$root" && exec tests/bench/run.py "$runs" "${names[@]:-all}"
