# The prompt.

$(call pe-program,ntcmd,$(wildcard base/ntcmd/*.c))
