#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
set -u
. "$(dirname "$0")/tools/sh/common.sh"
. "$root/tools/sh/machine.sh"

help() {
    cat <<'EOF'
Usage: ./run.sh [direct|iso|uefi] [debug|release] [OPTION]... [-- PROGRAM [ARG]...]

Builds what is out of date and starts the system in QEMU.  The prompt appears in this terminal; `poweroff' ends it
(and so does QEMU's own Ctrl+A X).  With PROGRAM, that program of this machine runs instead of the prompt: its output is this
command's output, its exit status this command's (125: it crashed, 126: it could not be started, 124: timeout).

  direct|iso|uefi     QEMU loads the kernel itself (default), or an ISO boots through BIOS or UEFI
  debug|release       which build (default release)
  -m SIZE             memory, in MiB or with a suffix as QEMU takes it (default 256); below 64 MiB as with --native
  --native            boots without the Win32 system
  --kernel FILE       another seL4 kernel (32-bit ELF as QEMU's -kernel wants it)
  --display           opens the machine's screen in a window
  --screenshot FILE   boots to the prompt, writes the screen to FILE (PNG), powers off
  --gdb               waits for gdb on port 1234 before the first instruction
  --with FILE         (with PROGRAM) FILE is in the program's directory too; may be repeated
  --timeout SECONDS   (with PROGRAM) ends the machine after that time
  --log FILE          writes the executive's log (serial port 3) to FILE
  --qemu 'ARGS'       further QEMU arguments
EOF
}

mode=direct config=release memory=256 kernel= display=none screenshot= log= timeout=0 native=
with=() extra=() program=()
while (($#)); do
    case $1 in
    -h | --help) help; exit 0 ;;
    direct | iso | uefi) mode=$1 ;;
    debug | release) config=$1 ;;
    --display) display=window ;;
    --native) native=1 ;;
    --gdb) extra+=(-s -S) ;;
    -m | --memory | --kernel | --screenshot | --with | --log | --timeout | --qemu)
        (($# > 1)) || usage_error "$1 wants a value"
        case $1 in
        -m | --memory) memory=$2 ;;
        --kernel) kernel=$2 ;;
        --screenshot) screenshot=$2 ;;
        --with) with+=("$2") ;;
        --log) log=$2 ;;
        --timeout) timeout=$2 ;;
        --qemu) read -r -a words <<<"$2" && extra+=("${words[@]}") ;;
        esac
        shift
        ;;
    --) shift; program=("$@"); ((${#program[@]})) || usage_error "-- wants a program"; break ;;
    *) usage_error "unknown argument '$1'" ;;
    esac
    shift
done
[[ $memory =~ ^[0-9]+[MGmg]?$ ]] || usage_error "-m '$memory': a number of MiB, or a number with M or G"
[[ $memory =~ ^0*[0-9]{1,2}[Mm]?$ ]] && ((10#${memory%[Mm]} < 64)) && native=1
[[ $timeout =~ ^[0-9]+$ ]] || usage_error "--timeout '$timeout': a number of seconds"
((${#with[@]})) && ((!${#program[@]})) && usage_error "--with goes with a program"
for file in ${kernel:+"$kernel"} ${program[@]:+"${program[0]}"} ${with[@]:+"${with[@]}"}; do
    [[ -f $file && -r $file ]] || { say "$self: $file: no such file"; exit 126; }
done

steps=(build run)
[[ $mode != direct ]] && steps+=(iso)
[[ $display == window ]] && steps+=(display)
setup "${steps[@]}"
build "$config" all

out=$root/build/$config
run=$out/run
manifests=(--manifest "$root/boot/files.txt")
if [[ -n $native ]]; then
    image=$out/ntos.elf
else
    image=$out/win32.elf
    manifests+=(--manifest "$root/boot/win32/files.txt")
fi
kernel=${kernel:-$out/kernel32.elf}
mkdir -p "$run"
if ((${#program[@]})) || [[ $mode != direct ]]; then
    run=$(mktemp -d "$run/XXXXXX")
    trap 'rm -rf "$run"' EXIT
fi

# Puts the program, its companions and the wish to run it into an image of this run.
pack_program() {
    local name adds=()
    name=$(basename "${program[0]}")
    for file in "${program[0]}" ${with[@]:+"${with[@]}"}; do
        adds+=(--add "host/$(basename "$file")=$file")
    done
    "$root/tools/mkarchive.py" -o "$run/archive" --define BUILD="$out" --define WIN32="$root/build/win32/files" "${manifests[@]}" \
        "${adds[@]}" \
        --option "RUN=$(windows_quote "C:\\host\\$name" "${program[@]:1}")" &&
        "$root/tools/mkimage.py" -o "$run/ntos.elf" "$out/ntos.exe" "$run/archive" || exit 126
    image=$run/ntos.elf
}

((${#program[@]})) && pack_program
boot_arguments "$mode" "$config" "$kernel" "$image" "$run"

machine=(qemu-system-x86_64 -machine pc -cpu max,-erms -m "$memory" -nodefaults -no-user-config -vga std "${boot[@]}")
if [[ $display == window ]]; then
    [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] || fail "--display needs a graphical session; --screenshot FILE does not"
    machine+=(-display gtk)
else
    machine+=(-display none)
fi

# Runs the program of the user's and answers with its exit status.
run_program() {
    local watcher status
    : >"$run/console" && : >"$run/log"
    machine+=(-serial "file:$run/console" -serial stdio -serial "file:$run/log")
    "$root/tools/sh/watch.sh" "$run/console" "$timeout" $$ &
    watcher=$!
    "${machine[@]}" ${extra[@]:+"${extra[@]}"}
    kill "$watcher" 2>/dev/null
    [[ -n $log ]] && cp "$run/log" "$log"
    sed -n 's/^crash: //p' "$run/log" | tr -d '\r' >&2
    status=$(sed -n 's/^exit \(0x\)\{0,1\}\([0-9A-Fa-f]\{1,8\}\)\r\{0,1\}$/\2/p' "$run/log" | tail -n 1)
    if [[ -z $status ]]; then
        [[ -e $run/timeout ]] && { say "$self: ended after $timeout seconds (--timeout)"; exit 124; }
        tail -n 5 "$run/console" >&2
        say "$self: the machine ended before the program did (the lines above are its console's last)"
        exit 126
    fi
    status=$((16#$status))
    ((status >= 16#C0000000)) && exit 125
    ((status > 255 && status % 256 == 0)) && exit 1
    exit $((status & 255))
}

if ((${#program[@]})); then
    run_program
elif [[ -n $screenshot ]]; then
    machine+=(-serial "file:$run/console" ${extra[@]:+"${extra[@]}"})
    "$root/tools/screenshot.py" "$screenshot" "$run/console" "${machine[@]}"
else
    if [[ -t 0 ]]; then console=mon:stdio; else console=stdio; fi
    machine+=(-serial "$console" -serial null)
    [[ -n $log ]] && machine+=(-serial "file:$log")
    "${machine[@]}" ${extra[@]:+"${extra[@]}"}
fi
