#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
set -u
. "$(dirname "$0")/tools/sh/common.sh"

help() {
    cat <<'EOF'
Usage: ./test.sh [-v] [NAME...]

Installs what is missing, builds (release and debug), runs all tests or those whose name starts with a NAME, and closes with
`N passed, N failed'.  Status 0 if none failed.
  -l    lists the names
  -v    shows each test's whole output
EOF
}

names=() options=()
while (($#)); do
    case $1 in
    -h | --help) help; exit 0 ;;
    -v | -l) options+=("$1") ;;
    -*) usage_error "unknown argument '$1'" ;;
    *) names+=("$1") ;;
    esac
    shift
done

if [[ " ${options[*]-} " != *" -l "* ]]; then
    setup build run iso test
    build release all
    build debug all
fi
cd "$root" && exec tests/run.py ${options[@]:+"${options[@]}"} ${names[@]:+"${names[@]}"}
