# SPDX-License-Identifier: BSD-2-Clause
# What the five scripts share: messages, set-up of packages, building.  Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
self=$(basename "$0")

# Debian's own interpreter (package python3) before any wrapper that stands earlier in PATH and takes its time.
python=/usr/bin/python3
[[ -x $python ]] || python=python3
export PYTHONDONTWRITEBYTECODE=1

say() { printf '%s\n' "$*" >&2; }

# A wrong argument: one line and status 2.
usage_error() {
    say "$self: $* (try '$self --help')"
    exit 2
}

# A step that failed: cause and mend in one line, status 1.
fail() {
    say "$self: $*"
    exit 1
}

# setup STEP...: installs the packages of these steps (tools/packages.txt) that are missing.
setup() {
    local name step why missing=()
    local have
    have=" $(dpkg-query -W -f='${db:Status-Abbrev}${Package} ' 2>/dev/null | tr '\n' ' ')"
    while read -r name step why; do
        [[ -z $name || $name == \#* ]] && continue
        [[ " $* " == *" $step "* ]] || continue
        [[ $have == *"ii $name "* ]] && continue
        missing+=("$name")
        say "$self: package $name is missing: $why"
    done <"$root/tools/packages.txt"
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null || fail "no apt-get here: install ${missing[*]} by hand"
    ((EUID == 0)) || fail "run 'apt-get install ${missing[*]}' as root, then call this again"
    say "$self: installing ${missing[*]}"
    {
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    } >"${TMPDIR:-/tmp}/nereid-apt.log" 2>&1 || {
        tail -n 20 "${TMPDIR:-/tmp}/nereid-apt.log" >&2
        fail "the packages could not be installed (the lines above are apt's)"
    }
}

# build CONFIG [TARGET...]: makes the targets; shows progress unless nothing has to be done.  One at a time builds in a tree.
build() {
    local config=$1 lock
    shift
    make -q -s -C "$root" CONFIG="$config" "$@" >/dev/null 2>&1 && return
    say "$self: building ($config)"
    mkdir -p "$root/build"
    exec {lock}>"$root/build/lock"
    flock "$lock"
    make -s -C "$root" -j "$(nproc)" CONFIG="$config" "$@" >&2 || fail "the build failed at the step above"
    exec {lock}>&-
}
