#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# watch.sh CONSOLE SECONDS PARENT: ends the machine that PARENT started when its console shows a fatal error (a halted
# machine would wait for ever), or when SECONDS have passed (0: never).
console=$1 seconds=$2 parent=$3
end=$((SECONDS + seconds))
while sleep 0.2; do
    if grep -q -e '^\*\*\* STOP' -e '^kernel: cannot start' "$console"; then
        sleep 0.3
        break
    fi
    if ((seconds && SECONDS >= end)); then
        : >"$(dirname "$console")/timeout"
        break
    fi
done
pkill -TERM -P "$parent" qemu-system-x86
