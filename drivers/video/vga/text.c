/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VGA text mode: 80 x 25 cells of two bytes at B8000, glyphs of code page 437, cursor in hardware.
 *
 * The firmware has set mode 3.  Attribute bytes have the colours of VIDEO_CELL in the same bits; bit 7 means blinking
 * until the attribute controller is told that it is the bright background.
 * Registers: IBM VGA technical reference (CRTC 0A, 0B, 0E, 0F; attribute controller 10; input status 1).
 */
#include "vga.h"

#define TEXT_COLUMNS 80
#define TEXT_ROWS 25
#define TEXT_BASE 0xB8000

/* Offsets from port 3C0. */
#define ATTRIBUTE_WRITE 0x00
#define ATTRIBUTE_READ 0x01
#define CRTC_INDEX 0x14
#define CRTC_DATA 0x15
#define INPUT_STATUS_1 0x1A

#define ATTRIBUTE_MODE 0x10
#define ATTRIBUTE_PALETTE_ON 0x20
#define ATTRIBUTE_MODE_BLINK 0x08
#define CRTC_CURSOR_START 0x0A
#define CRTC_CURSOR_END 0x0B
#define CRTC_CURSOR_HIGH 0x0E
#define CRTC_CURSOR_LOW 0x0F
#define CRTC_CURSOR_OFF 0x20

static UCHAR TextGlyph(WCHAR Character)
{
    ULONG i;

    if (Character >= 0x20 && Character < 0x7f)
        return (UCHAR)Character;
    for (i = 1; i < 256; i++) {
        if (CodePage437[i] == Character)
            return (UCHAR)i;
    }
    return '?';
}

static VOID TextDrawCell(PDEVICE_EXTENSION Extension, ULONG Column, ULONG Row, VIDEO_CELL Cell)
{
    UCHAR Attribute = (UCHAR)Cell.Attributes;

    if (Cell.Attributes & VIDEO_CELL_REVERSE)
        Attribute = (UCHAR)(Attribute << 4 | Attribute >> 4);
    WRITE_REGISTER_USHORT((PUSHORT)Extension->Memory + Row * TEXT_COLUMNS + Column,
                          (USHORT)(Attribute << 8 | TextGlyph(Cell.Character)));
}

static VOID TextWriteCrtc(PDEVICE_EXTENSION Extension, UCHAR Index, UCHAR Value)
{
    WRITE_PORT_UCHAR(Extension->Port + CRTC_INDEX, Index);
    WRITE_PORT_UCHAR(Extension->Port + CRTC_DATA, Value);
}

static VOID TextShowCursor(PDEVICE_EXTENSION Extension)
{
    ULONG Position = Extension->Cursor.Row * TEXT_COLUMNS + Extension->Cursor.Column;
    ULONG Height = max(1, (ULONG)FONT_HEIGHT * Extension->Cursor.Percent / 100);

    TextWriteCrtc(Extension, CRTC_CURSOR_START,
                  (UCHAR)((FONT_HEIGHT - Height) | (Extension->Cursor.IsVisible ? 0 : CRTC_CURSOR_OFF)));
    TextWriteCrtc(Extension, CRTC_CURSOR_END, FONT_HEIGHT - 1);
    TextWriteCrtc(Extension, CRTC_CURSOR_HIGH, (UCHAR)(Position >> 8));
    TextWriteCrtc(Extension, CRTC_CURSOR_LOW, (UCHAR)Position);
}

/* Attribute bit 7 selects a bright background from now on. */
static VOID TextDisableBlinking(PDEVICE_EXTENSION Extension)
{
    UCHAR Mode;

    READ_PORT_UCHAR(Extension->Port + INPUT_STATUS_1); /* the next write to the controller is an index */
    WRITE_PORT_UCHAR(Extension->Port + ATTRIBUTE_WRITE, ATTRIBUTE_MODE | ATTRIBUTE_PALETTE_ON);
    Mode = READ_PORT_UCHAR(Extension->Port + ATTRIBUTE_READ);
    WRITE_PORT_UCHAR(Extension->Port + ATTRIBUTE_WRITE, Mode & ~ATTRIBUTE_MODE_BLINK);
}

static const SCREEN_OPERATIONS TextOperations = {.DrawCell = TextDrawCell, .ShowCursor = TextShowCursor};

NTSTATUS TextInitialize(PDEVICE_EXTENSION Extension, PCM_PARTIAL_RESOURCE_LIST Resources)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor, Memory = NULL, Port = NULL;
    ULONG i;

    for (i = 0; i < Resources->Count; i++) {
        Descriptor = &Resources->PartialDescriptors[i];
        if (Descriptor->Type == CmResourceTypeMemory && Descriptor->u.Memory.Start.QuadPart == TEXT_BASE)
            Memory = Descriptor;
        if (Descriptor->Type == CmResourceTypePort && Descriptor->u.Port.Length > INPUT_STATUS_1)
            Port = Descriptor;
    }
    if (Memory == NULL || Port == NULL || Memory->u.Memory.Length < TEXT_COLUMNS * TEXT_ROWS * 2)
        return STATUS_NO_SUCH_DEVICE;
    Extension->MemoryLength = Memory->u.Memory.Length;
    Extension->Memory = MmMapIoSpace(Memory->u.Memory.Start, Extension->MemoryLength, MmNonCached);
    if (Extension->Memory == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Extension->Port = (PUCHAR)(ULONG_PTR)Port->u.Port.Start.QuadPart;
    Extension->Operations = &TextOperations;
    Extension->Columns = TEXT_COLUMNS;
    Extension->Rows = TEXT_ROWS;
    TextDisableBlinking(Extension);
    return STATUS_SUCCESS;
}
