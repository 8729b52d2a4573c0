/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The keyboard's channel: reads scan codes and hands on the key events that keyboard.c makes of them.
 *
 * A keyboard that is not there, or dies, is tried again as channel.h says.  After a failure no key counts as pressed.
 */
#include "conhost.h"
#include "keyboard.h"

#define MAX_EVENTS 32

static VOID ReadKeys(VOID);
static VOID KeysCompleted(ULONG Information);
static VOID KeysRetry(VOID);

static KEYBOARD Keyboard;
static KEYBOARD_INPUT_DATA Events[MAX_EVENTS];
static CHANNEL Keys = { .DeviceName = DD_KEYBOARD_DEVICE_NAME_U L"0", .Completed = KeysCompleted, .Retry = KeysRetry };

static VOID ReadKeys(VOID)
{
    LARGE_INTEGER Beginning = { .QuadPart = 0 };

    if (ChannelOpen(&Keys))
        ChannelStarted(&Keys, NtReadFile(Keys.File, Keys.Event, NULL, NULL, &Keys.IoStatus, Events, sizeof(Events),
                                         &Beginning, NULL));
}

static VOID KeysCompleted(ULONG Information)
{
    for (ULONG i = 0; i < Information / sizeof(KEYBOARD_INPUT_DATA) && i < MAX_EVENTS; i++) {
        KEY_EVENT_RECORD Key;

        if (KeyboardTranslate(&Keyboard, &Events[i], &Key))
            InputKey(&Key);
    }
    ReadKeys();
}

static VOID KeysRetry(VOID)
{
    Keyboard = (KEYBOARD){ .IsCapsLocked = Keyboard.IsCapsLocked, .IsNumLocked = Keyboard.IsNumLocked };
    ReadKeys();
}

VOID KeysStart(VOID)
{
    ChannelAdd(&Keys);
    ReadKeys();
}
