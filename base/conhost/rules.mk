# The terminal: console server, screen, keyboard, serial line.

$(call pe-program,conhost,$(wildcard base/conhost/*.c))
