#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
set -u
# Standard streams that are closed, or no stream at all, are empty: else the next file that is opened takes their place.
[[ -e /dev/fd/0 && ! -d /dev/fd/0 ]] || exec </dev/null
[[ -e /dev/fd/1 ]] || exec >/dev/null
[[ -e /dev/fd/2 ]] || exec 2>/dev/null
. "$(dirname "$0")/tools/sh/common.sh"
. "$root/tools/sh/machine.sh"

help() {
    cat <<'EOF'
Usage: ./run.sh [direct|iso|uefi] [debug|release] [OPTION]... [-- PROGRAM [ARG]...]

Builds what is out of date and starts the system in QEMU.  The prompt appears in this terminal; `poweroff' ends it
(and so does QEMU's own Ctrl+A X).  With PROGRAM, that Windows console program (x64) of this machine runs instead of the prompt: its
standard input, output and error are this command's, its exit status is this command's (125: it crashed, 126: it could not be started,
124: timeout, 130: Ctrl+C ended it, 131: Ctrl+\ did, 143: SIGTERM did).  It runs in C:\host, where the DLLs are that lie beside it here.

Ctrl+C and SIGTERM reach PROGRAM as a console's Ctrl+C (CTRL_C_EVENT), Ctrl+\ as Ctrl+Break.  A program that goes on is ended by the second
within two seconds, or five seconds after SIGTERM.

  direct|iso|uefi     QEMU loads the kernel itself (default), or an ISO boots through BIOS or UEFI
  debug|release       which build (default release)
  -m, --memory SIZE   memory, in MiB or with a suffix as QEMU takes it (default 256); below 96 MiB as with --native
  --native            boots without the Win32 system
  --kernel FILE       another seL4 kernel (32-bit ELF as QEMU's -kernel wants it)
  --display           opens the machine's screen in a window
  --screenshot FILE   boots to the prompt, writes the screen to FILE (PNG), powers off
  --gdb               waits for gdb on port 1234 before the first instruction
  --log FILE          writes the executive's log (serial port 3) to FILE
  --with FILE|DIR     FILE, or the folder DIR with all that is in it, is in C:\host (with PROGRAM: its directory) too; may be repeated.
                      What C: cannot hold is refused: names with one of <>:"|?*\, two that differ in case alone, pipes, loops of links
  --env NAME=VALUE    sets a variable of the machine's environment; may be repeated
  --qemu 'ARGS'       further QEMU arguments

With PROGRAM:
  --get FILE[=PATH]   copies FILE of the machine here (or to PATH) when the program has ended; relative to the program's directory;
                      may be repeated
  --timeout SECONDS   ends the machine after that time
  --trace             writes services, loader steps and names that are not implemented to standard error
EOF
}

mode=direct config=release memory=256 kernel= display=none screenshot= log= timeout=0 native= trace=
with=() get=() env=() extra=() program=()
while (($#)); do
    case $1 in
    -h | --help) help; exit 0 ;;
    direct | iso | uefi) mode=$1 ;;
    debug | release) config=$1 ;;
    --display) display=window ;;
    --native) native=1 ;;
    --trace) trace=1 ;;
    --gdb) extra+=(-s -S) ;;
    -m | --memory | --kernel | --screenshot | --with | --get | --env | --log | --timeout | --qemu)
        (($# > 1)) || usage_error "$1 wants a value"
        case $1 in
        -m | --memory) memory=$2 ;;
        --kernel) kernel=$2 ;;
        --screenshot) screenshot=$2 ;;
        --with) with+=("${2%/}") ;;
        --get) get+=("$2") ;;
        --env) env+=("$2") ;;
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
[[ $memory =~ ^[0-9]{1,9}[MGmg]?$ ]] || usage_error "-m '$memory': a number of MiB, or a number with M or G"
case $memory in
*[Gg]) mebibytes=$((10#${memory%[Gg]} * 1024)) ;;
*) mebibytes=$((10#${memory%[Mm]})) ;;
esac
((mebibytes < 4)) && usage_error "-m '$memory': the machine itself needs 4 MiB, and the system 8"
((mebibytes < 96)) && native=1
[[ $timeout =~ ^[0-9]+$ ]] || usage_error "--timeout '$timeout': a number of seconds"
((${#get[@]} + ${#trace})) && ((!${#program[@]})) && usage_error "--get and --trace go with a program"
for file in ${env[@]+"${env[@]}"}; do
    [[ $file == [!=]*=* ]] || usage_error "--env '$file': NAME=VALUE"
done
for file in ${get[@]+"${get[@]}"}; do
    [[ $file == [!=]* ]] || usage_error "--get '$file': FILE, or FILE=PATH"
done

# What cannot be started: one line and status 126.
refuse() {
    say "$self: $*"
    exit 126
}

for file in ${kernel:+"$kernel"} ${program[@]+"${program[0]}"} ${with[@]+"${with[@]}"}; do
    [[ -e $file ]] || refuse "$file: no such file"
    [[ -f $file || -d $file ]] || refuse "$file is neither a file nor a folder"
    [[ -r $file ]] || refuse "$file may not be read"
done
[[ -d ${program[0]-} ]] && refuse "${program[0]} is a folder"
[[ -z $log ]] || { : >>"$log"; } 2>/dev/null || refuse "--log $log cannot be written"
# No name is taken for an option later.
[[ ${program[0]-} == -* ]] && program[0]=./${program[0]}
with=(${with[@]:+"${with[@]/#-/./-}"})

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
if ((${#program[@]} + ${#with[@]} + ${#env[@]})) || [[ $mode != direct ]]; then
    # What runs left that were killed; those that run hold a lock.
    find "$run" -mindepth 1 -maxdepth 1 -type d -mmin +1 -exec flock -n {} rm -rf {} \; 2>/dev/null
    run=$(mktemp -d "$run/XXXXXX") || exit 126
    trap 'rm -rf "$run"' EXIT
    exec {lock}<"$run"
    flock "$lock"
fi

# A program's streams go through a window of memory behind the RAM (abi/runlink.h).  QEMU puts what does not fit below 3.5 GiB
# (machine q35: 2.75 GiB) above 4 GiB, from 3 GiB (2 GiB) on, and memory modules on the next whole GiB.
beside=() slots=
above=$((mebibytes < 3584 ? 0 : mebibytes - 3072))
[[ " ${extra[*]:-} " == *q35* ]] && above=$((mebibytes < 2816 ? 0 : mebibytes - 2048))
window=$(printf %x $(((4096 + (above + 1023) / 1024 * 1024) << 20)))
if ((${#program[@]})); then
    slots=,slots=1,maxmem=$((mebibytes + 1024))M
    # The DLLs beside the program.
    for file in "$(dirname "${program[0]}")"/*.[dD][lL][lL]; do
        [[ -f $file && ${file,,} != */ntdll.dll ]] && beside+=("$file")
    done
fi

# Puts the files of the user's into an image of this run; a program too, if it can run, and the wish to run it.
pack_files() {
    local name size file words=() adds=() checks=() wish=()
    words=(--define BUILD="$out" --define WIN32="$root/build/win32/files" "${manifests[@]}")
    for file in ${beside[@]:+"${beside[@]}"} ${with[@]:+"${with[@]}"} ${program[@]:+"${program[0]}"}; do
        name=${file##*/}
        [[ -z $name || $name == . || $name == .. ]] && name=$(basename "$(realpath -s "$file")")
        adds+=(--add "host/$name" "$file")
    done
    for file in ${beside[@]:+"${beside[@]}"} ${with[@]:+"${with[@]}"}; do
        [[ -f $file ]] && checks+=(--beside "$file")
    done
    if ((${#program[@]})); then
        "$python" "$root/tools/pecheck.py" "${program[0]}" "${words[@]}" ${checks[@]:+"${checks[@]}"} || exit 126
        wish=(--window "$window" --option "RUN${trace:+ TRACE}" --run "$(windows_quote "C:\\host\\$name" "${program[@]:1}")")
    fi
    for file in ${env[@]:+"${env[@]}"}; do
        adds+=("--env=$file")
    done
    "$python" "$root/tools/mkarchive.py" -o "$run/ntos.elf" --image "$out/ntos.exe" "${words[@]}" ${adds[@]:+"${adds[@]}"} \
        ${wish[@]:+"${wish[@]}"} || exit 126
    image=$run/ntos.elf
    # It is in memory twice while the machine starts, and QEMU does not say where it does not fit.
    size=$(($(stat -c %s "$image") >> 20))
    ((size * 2 < mebibytes)) || refuse "the files take $size MiB: give the machine more than twice as much memory (--memory SIZE)"
}

((${#program[@]} + ${#with[@]} + ${#env[@]})) && pack_files
boot_arguments "$mode" "$config" "$kernel" "$image" "$run"

# No AVX2: the kernel keeps FXSAVE's state, and programs are about that ask for the instructions alone and not for the system's
# part in them (OSXSAVE).
machine=(qemu-system-x86_64 -machine pc -cpu max,-erms,-avx2 -m "${mebibytes}M$slots" -nodefaults -no-user-config -vga std "${boot[@]}")
if [[ $display == window ]]; then
    [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] || fail "--display needs a graphical session; --screenshot FILE does not"
    machine+=(-display gtk)
else
    machine+=(-display none)
fi

# Becomes the program of the user's: its signals are the runner's, which removes $run.
run_program() {
    local words=(--window "$window" --timeout "$timeout" --program "${program[0]}" ${trace:+--trace} ${log:+"--log=$log"}) file
    for file in ${get[@]:+"${get[@]}"}; do
        words+=("--get=$file")
    done
    for file in "$out"/*.dll "$root"/build/win32/files/*.dll ${beside[@]:+"${beside[@]}"} ${with[@]:+"${with[@]}"} "${program[0]}"; do
        words+=("--module=$file")
    done
    exec "$python" "$root/tools/runner.py" "${words[@]}" "$run" -- "${machine[@]}" ${extra[@]:+"${extra[@]}"}
}

if ((${#program[@]})); then
    run_program
elif [[ -n $screenshot ]]; then
    machine+=(-serial "file:$run/console" ${extra[@]:+"${extra[@]}"})
    "$python" "$root/tools/screenshot.py" "$screenshot" "$run/console" "${machine[@]}"
else
    if [[ -t 0 ]]; then console=mon:stdio; else console=stdio; fi
    machine+=(-serial "$console" -serial null)
    [[ -n $log ]] && machine+=(-serial "file:$log")
    setpriv --pdeathsig KILL "${machine[@]}" ${extra[@]:+"${extra[@]}"}
fi
