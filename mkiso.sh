#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
set -u
. "$(dirname "$0")/tools/sh/common.sh"

help() {
    cat <<'EOF'
Usage: ./mkiso.sh [amd64] [debug|release] [--image FILE] [-o FILE]

Builds the system, Win32 files included, and writes one ISO file that boots through GRUB on BIOS and on UEFI.
  -o FILE        the ISO's name (default: build/CONFIG/nereid.iso)
  --image FILE   another root task image than build/CONFIG/win32.elf
  --kernel FILE  another kernel than build/CONFIG/kernel32.elf
EOF
}

config=release out= image= kernel=
while (($#)); do
    case $1 in
    -h | --help) help; exit 0 ;;
    amd64) ;;
    debug | release) config=$1 ;;
    -o | --image | --kernel)
        (($# > 1)) || usage_error "$1 wants a file name"
        case $1 in -o) out=$2 ;; --image) image=$2 ;; *) kernel=$2 ;; esac
        shift
        ;;
    *) usage_error "unknown argument '$1'" ;;
    esac
    shift
done

setup build iso
build "$config" all
out=${out:-$root/build/$config/nereid.iso}
kernel=${kernel:-$root/build/$config/kernel32.elf}
image=${image:-$root/build/$config/win32.elf}
for file in "$kernel" "$image"; do
    [[ -r $file ]] || fail "$file: no such file"
done

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/boot/grub"
cp "$kernel" "$tree/boot/kernel.elf"
cp "$image" "$tree/boot/ntos.elf"
cp "$root/boot/grub/grub.cfg" "$tree/boot/grub/grub.cfg"
grub-mkrescue -o "$out" "$tree" --themes="" --locales="" --fonts="" >"$tree.log" 2>&1 || {
    tail -n 20 "$tree.log" >&2
    rm -f "$tree.log"
    fail "grub-mkrescue failed (the lines above are its own)"
}
rm -f "$tree.log"
echo "ISO written: ${out#"$root"/} ($(stat -c %s "$out") bytes)"
