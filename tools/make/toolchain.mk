# Compilers, flags and the two compile recipes: ELF for the kernel, PE for everything above it.
#
# Variables a room may add to:  ALL (files that `make all` builds).

# ccache, where it is installed, keeps results across build folders.
CLANG    := $(if $(shell command -v ccache),ccache )clang-19
LLD_LINK := lld-link-19
LD_LLD   := ld.lld-19
DLLTOOL  := llvm-dlltool-19
OBJCOPY  := llvm-objcopy-19
LLVM_AR  := llvm-ar-19
HOSTCC   := clang-19

ifeq ($(V),)
say = @printf '  %-8s %s\n' '$(1)' '$(2)';
else
say =
endif

WARN := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter -Wno-missing-field-initializers
DEPS  = -MMD -MP

OPT_release := -O2
OPT_debug   := -O1 -g -DDBG=1
OPT := $(OPT_$(CONFIG))

# PE code (ntos, rtl, ntdll, drivers, programs): mingw-w64's headers, no C runtime, no stack probes,
# no vector code unless a room asks for it.
PE_TARGET := --target=x86_64-w64-windows-gnu
PE_FLAGS  := $(PE_TARGET) -std=gnu11 -ffreestanding -fno-builtin-printf -fno-stack-protector -mno-stack-arg-probe \
             -fno-asynchronous-unwind-tables -funwind-tables -fno-strict-aliasing -fms-extensions -Wno-microsoft-anon-tag \
             -fno-ident -ffile-prefix-map=$(CURDIR)/= -D_WIN32_WINNT=0x0A00 -DWINVER=0x0A00 -DUNICODE -D_UNICODE -isystem /usr/share/mingw-w64/include -Iinclude -I.
