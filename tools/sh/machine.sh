# SPDX-License-Identifier: BSD-2-Clause
# The virtual machine: what run.sh and bench.sh start.  Sourced after common.sh.

# boot_arguments MODE CONFIG KERNEL IMAGE DIRECTORY: sets the array `boot` to what makes QEMU start the system.
# MODE is direct (QEMU loads kernel and image itself), iso (BIOS, GRUB) or uefi (OVMF, GRUB).
boot_arguments() {
    local mode=$1 config=$2 kernel=$3 image=$4 directory=$5 iso
    if [[ $mode == direct ]]; then
        boot=(-kernel "$kernel" -initrd "$image")
        return
    fi
    iso=$directory/nereid.iso
    "$root/mkiso.sh" "$config" --kernel "$kernel" --image "$image" -o "$iso" >/dev/null || exit 1
    boot=(-drive "if=ide,media=cdrom,format=raw,readonly=on,file=$iso" -boot d)
    [[ $mode == uefi ]] || return
    cp /usr/share/OVMF/OVMF_VARS_4M.fd "$directory/efivars.fd"
    boot+=(-drive if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd
        -drive "if=pflash,unit=1,format=raw,file=$directory/efivars.fd")
}

# windows_quote ARG...: one command line from which a Windows program parses exactly these arguments.
# Source: Microsoft, "Parsing C command-line arguments".
windows_quote() {
    local line= arg out i c slashes
    for arg in "$@"; do
        if [[ -n $arg && $arg != *[$' \t"']* ]]; then
            line+=" $arg"
            continue
        fi
        out= slashes=
        for ((i = 0; i < ${#arg}; i++)); do
            c=${arg:i:1}
            case $c in
            \\) slashes+=\\ ;;
            \") out+=$slashes$slashes'\"' slashes= ;;
            *) out+=$slashes$c slashes= ;;
            esac
        done
        line+=" \"$out$slashes$slashes\""
    done
    printf '%s' "${line# }"
}
