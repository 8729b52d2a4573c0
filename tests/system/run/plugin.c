/* SPDX-License-Identifier: BSD-2-Clause */
/* A DLL that lies beside program.c's program. */
__declspec(dllexport) int plugin_answer(void);

int plugin_answer(void)
{
    return 42;
}
