# Native test programs, a line each: $(call pe-test,NAME,SOURCES,FLAGS) makes $(BUILD)/tests/NAME.exe from tests/native/NAME.c,
# the check library and SOURCES of the rooms under test.  `make native-tests' builds all of them; tests/native/run.py runs them.

define pe-test-template
$(call pe-objects,tests/$(1),tests/native/$(1).c tests/native/check.c $(2),-mgeneral-regs-only $(3))
$(call pe-link,tests/$(1).exe,$$(tests/$(1).objs) $(BUILD)/lib/native.lib $(BUILD)/lib/ntdll.lib,/entry:NtProcessStartup /subsystem:console$(comma)10.0)
NATIVE_TESTS += $(BUILD)/tests/$(1).exe
endef
pe-test = $(eval $(call pe-test-template,$(1),$(2),$(3)))

$(call pe-test,crash)
$(call pe-test,copy)
$(call pe-test,drivers)
$(call pe-test,hostile)
$(call pe-test,hostwatch)
$(call pe-test,args)
$(call pe-test,se)
$(call pe-test,ex)
$(call pe-test,except)
$(call pe-test,power)
$(call pe-test,step)
$(call pe-test,frames)
$(call pe-test,unwind,tests/native/unwind-code.S)
$(call pe-test,nls)
$(call pe-test,dllpath)
$(call pe-test,heap)
$(call pe-test,loader)
$(call pe-test,ldrgraph,tests/native/makedll.c)
$(call pe-test,badimage,tests/native/makedll.c)
$(call pe-test,ldrnomem,tests/native/makedll.c)
$(call pe-test,locks)
$(call pe-test,shutdown)
$(call pe-test,message)
$(call pe-test,etw)
$(call pe-test,actctx)
$(call pe-test,atoms)
$(call pe-test,ipaddr)
$(call pe-test,normal)
$(call pe-test,security)
$(call pe-test,ldrmisc)
$(call pe-test,resource)
$(call pe-test,digest)
$(call pe-test,sids)
$(call pe-test,slist)
$(call pe-test,clock)
$(call pe-test,basics)
$(call pe-test,heapedge)
$(call pe-test,strings)
$(call pe-test,newthread)
$(call pe-test,typecheck)
$(call pe-test,conditions)
$(call pe-test,inherit)
$(call pe-test,audit)
$(call pe-test,tokens)
$(call pe-test,user)
NOMEM_SCENARIOS := $(addprefix tests/native/nomem-,objects.c memory.c files.c keys.c tokens.c processes.c ports.c alpc.c system.c)
$(call pe-test,nomem,$(NOMEM_SCENARIOS))
$(call pe-test,job)
$(call pe-test,jobrate)
$(call pe-test,imagefile)
$(call pe-test,fileclass)
$(call pe-test,win10)
$(call pe-test,rtlreg)
$(call pe-test,scatter)
$(call pe-test,small)
$(call pe-test,rtlfuzz,$(addprefix tests/native/rtlfuzz-,strings.c numbers.c cruntime.c security.c paths.c))


# The DLLs that `loader' loads; both want the same base, so that one has to be relocated.
$(call pe-objects,tests/loader-a,tests/native/loader-a.c,-mgeneral-regs-only)
$(call pe-objects,tests/loader-b,tests/native/loader-b.c,-mgeneral-regs-only)
LOADER_DLL := /dll /subsystem:windows$(comma)10.0 /entry:DllMain /base:0x180000000 /dynamicbase
$(call pe-link,tests/loader-b.dll,$(tests/loader-b.objs) $(BUILD)/lib/ntdll.lib,$(LOADER_DLL) /implib:$(BUILD)/lib/loader-b.lib)
$(call pe-link,tests/loader-a.dll,$(tests/loader-a.objs) $(BUILD)/lib/ntdll.lib,$(LOADER_DLL) /def:tests/native/loader-a.def /include:_tls_used $(BUILD)/lib/loader-b.lib)
$(BUILD)/tests/loader-a.dll: $(BUILD)/tests/loader-b.dll tests/native/loader-a.def
NATIVE_TESTS += $(BUILD)/tests/loader-a.dll

$(call pe-test,cm)
$(call pe-test,hive)
$(call pe-test,doserror)
$(call pe-test,ob)
$(call pe-test,mm)
$(call pe-test,rtl,tests/unit/test_strings.c,-Itests/unit)
$(call pe-test,errors,tests/native/errors-calls.c)
$(call pe-test,errclasses,tests/native/errors-calls.c)
$(call pe-test,errnames,tests/native/errors-calls.c)
$(call pe-test,placeholder)
$(call pe-test,writewatch)
$(call pe-test,section)
$(call pe-test,paths)
$(call pe-test,file)
$(call pe-test,links)
$(call pe-test,reparse)
$(call pe-test,asyncio)
$(call pe-test,assign)
$(call pe-test,pipes)
$(call pe-test,lpc)
$(call pe-test,alpc)
$(call pe-test,alpclist)
$(call pe-test,alpcstress)
$(call pe-test,notify)
$(call pe-test,debug)
$(call pe-test,dbgloop)
$(call pe-test,dbgui)
$(call pe-test,threadpool)
$(call pe-test,condrv)
$(call pe-test,ke)
$(call pe-test,ps)
$(call pe-test,oldprocess)
$(call pe-test,packets)
$(call pe-test,workers)
$(call pe-test,alpcpool)
$(call pe-test,uuids)
$(call pe-test,oldthread)
$(call pe-test,fork)
$(call pe-test,suspend)
$(call pe-test,raw)
$(call pe-test,terminal,$(addprefix base/conhost/,screen.c vt.c layout.c keyboard.c keytext.c line.c history.c cells.c paint.c))
$(call pe-test,regtext,ntos/cm/regtext.c)
$(call pe-test,keyinfo)
$(call pe-test,hivefiles)
$(call pe-test,hivelimits)
$(call pe-test,edit,base/ntcmd/edit.c)

# Programs that include services.h: its rows are made from the table of services.
SERVICE_ROWS := $(BUILD)/obj/services/services.inc
$(SERVICE_ROWS): abi/services.def tests/native/mkservices.py
	$(call say,GEN,$@)mkdir -p $(@D) && tests/native/mkservices.py $< >$@
SERVICE_CALLS := $(BUILD)/obj/services/calls.inc
$(SERVICE_CALLS): abi/services.def tests/native/mkservices.py
	$(call say,GEN,$@)mkdir -p $(@D) && tests/native/mkservices.py --calls $< >$@
$(call pe-test,badargs,,-I$(dir $(SERVICE_ROWS)))
$(call pe-test,svcfuzz,$(addprefix tests/native/fuzz,args.c handles.c ports.c chains.c guard.c),-I$(dir $(SERVICE_ROWS)))
$(call pe-test,erralign,tests/native/errors-calls.c,-I$(dir $(SERVICE_ROWS)))
$(call pe-test,errtimes,,-I$(dir $(SERVICE_ROWS)))
$(call pe-test,errflags,tests/native/errors-calls.c,-I$(dir $(SERVICE_ROWS)))
$(call pe-test,errsizes,tests/native/errors-calls.c,-I$(dir $(SERVICE_ROWS)))
$(call pe-test,leftover,tests/native/errors-calls.c,-I$(dir $(SERVICE_ROWS)))
$(tests/badargs.objs) $(tests/svcfuzz.objs) $(tests/errsizes.objs) $(tests/erralign.objs) $(tests/errflags.objs) $(tests/errtimes.objs) $(tests/leftover.objs): $(SERVICE_ROWS) $(SERVICE_CALLS)

# nomem's scenarios once more, as svcfuzz and leftover call them.
$(call pe-objects,tests/svcfuzz-chains,$(NOMEM_SCENARIOS),-mgeneral-regs-only -I$(dir $(SERVICE_CALLS)) -include tests/native/fuzzchains.h)
$(tests/svcfuzz-chains.objs): $(SERVICE_CALLS)
$(BUILD)/tests/svcfuzz.exe $(BUILD)/tests/leftover.exe: $(tests/svcfuzz-chains.objs)

.PHONY: native-tests
native-tests: $(NATIVE_TESTS)

.PHONY: native-mutations
mutations: native-mutations
native-mutations:
	tests/native/mutations/run.py --record
