#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# win32.sh LIST DIRECTORY: puts the files of Debian's packages libwine and libz-mingw-w64 that LIST names as $(WIN32)/NAME into
# DIRECTORY/files, PE files without their debug information, DLLs without their pictures, a package's copyright text as
# copyright-PACKAGE.  The packages are fetched once and kept in DIRECTORY.
set -eu -o pipefail
list=$(realpath "$1") directory=$2 tools=$(realpath "$(dirname "$0")")
strip=llvm-strip-19
packages=(libwine libz-mingw-w64)

fail() {
    printf 'win32.sh: %s\n' "$*" >&2
    exit 1
}

mkdir -p "$directory"
cd "$directory"
work=$(mktemp -d work.XXXXXX)
trap 'rm -rf "$work"' EXIT

# The package as PACKAGE.deb, unless it is there.
fetch() {
    [[ -s $1.deb ]] && return
    (cd "$work" && apt-get download "$1" >log 2>&1) ||
        { apt-get update >"$work/log" 2>&1 && (cd "$work" && apt-get download "$1" >log 2>&1); } ||
        { tail -n 5 "$work/log" >&2; fail "the package $1 cannot be downloaded (the lines above are apt's)"; }
    mv "$work/$1"_*.deb "$1.deb"
}

mapfile -t names < <(sed -n 's/^[^#]*= *\$(WIN32)\/\([^ #]*\).*/\1/p' "$list")
((${#names[@]})) || fail "$list names no file of the packages"
for package in "${packages[@]}"; do
    fetch "$package"
    dpkg-deb --fsys-tarfile "$package.deb" | tar -x -C "$work" --wildcards --exclude '*.so' --exclude '*/i[36]86-*' './usr/*' ||
        fail "the package cannot be unpacked: remove $directory/$package.deb and try again"
    mv "$work/usr/share/doc/$package/copyright" "$work/usr/copyright-$package"
done

mkdir "$work/files"
for name in "${names[@]}"; do
    file=$(find "$work/usr" -name "$name" -type f -print -quit)
    [[ -n $file ]] || fail "$list: the packages have no file $name"
    case $name in
    *.dll | *.exe) $strip -o "$work/files/$name" "$file" ;;
    *) cp "$file" "$work/files/$name" ;;
    esac
done
"$tools/pepictures.py" "$work"/files/*.dll
rm -rf files
mv "$work/files" files
