#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
set -u
. "$(dirname "$0")/tools/sh/common.sh"

help() {
    cat <<'EOF'
Usage: ./build.sh [amd64] [debug|release] [clean]

Builds the kernel, the executive, the drivers and the programs into build/CONFIG/.  Default: amd64 release.
  debug    with assertions, kernel messages and debug system calls
  clean    removes build/CONFIG/ first
Installs the Debian packages that the build lacks (tools/packages.txt).
EOF
}

config=release clean=
while (($#)); do
    case $1 in
    -h | --help) help; exit 0 ;;
    amd64) ;;
    debug | release) config=$1 ;;
    clean) clean=1 ;;
    *) usage_error "unknown argument '$1'" ;;
    esac
    shift
done

setup build
[[ -n $clean ]] && rm -rf "${root:?}/build/$config"
build "$config" all
echo "Build successful: build/$config"
