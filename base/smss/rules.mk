# The session manager: the first program.

$(call pe-program,smss,$(wildcard base/smss/*.c))
