#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# win32.sh LIST DIRECTORY: puts the files of Debian's package libwine that LIST names as $(WIN32)/NAME into DIRECTORY/files, PE
# files stripped of their debug information.  The package is fetched once and kept in DIRECTORY.
set -eu -o pipefail
list=$(realpath "$1") directory=$2
strip=llvm-strip-19

fail() {
    printf 'win32.sh: %s\n' "$*" >&2
    exit 1
}

mkdir -p "$directory"
cd "$directory"
work=$(mktemp -d work.XXXXXX)
trap 'rm -rf "$work"' EXIT

if [[ ! -s libwine.deb ]]; then
    (cd "$work" && apt-get download libwine >log 2>&1) ||
        { apt-get update >"$work/log" 2>&1 && (cd "$work" && apt-get download libwine >log 2>&1); } ||
        { tail -n 5 "$work/log" >&2; fail "the package libwine cannot be downloaded (the lines above are apt's)"; }
    mv "$work"/libwine_*.deb libwine.deb
fi

mapfile -t names < <(sed -n 's/^[^#]*= *\$(WIN32)\/\([^ #]*\).*/\1/p' "$list")
((${#names[@]})) || fail "$list names no file of the package"
dpkg-deb --fsys-tarfile libwine.deb | tar -x -C "$work" --wildcards './usr/lib/*/wine/x86_64-windows' './usr/share/wine/nls' \
    './usr/share/doc/libwine/copyright' || fail "the package cannot be unpacked: remove $directory/libwine.deb and try again"

mkdir "$work/files"
for name in "${names[@]}"; do
    file=$(find "$work/usr" -name "$name" -type f -print -quit)
    [[ -n $file ]] || fail "$list: the package has no file $name"
    case $name in
    *.dll | *.exe) $strip -o "$work/files/$name" "$file" ;;
    *) cp "$file" "$work/files/$name" ;;
    esac
done
rm -rf files
mv "$work/files" files
