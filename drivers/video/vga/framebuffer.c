/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A linear framebuffer of 16, 24 or 32 bits a pixel, as the boot loader has set it, with an 8 x 16 font.
 *
 * Its geometry comes as a device private resource behind the memory: line length in bytes, width << 16 | height,
 * bits a pixel << 24 | red << 16 | green << 8 | blue (the lowest bit of each colour).  Memory is written only, a
 * line of a glyph at a time.
 */
#include "vga.h"

/* The 16 colours of VGA text mode, IRGB order with blue in bit 0, as 0xRRGGBB. */
static const ULONG FramebufferColours[16] = {0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa,
                                             0xaa5500, 0xaaaaaa, 0x555555, 0x5555ff, 0x55ff55, 0x55ffff,
                                             0xff5555, 0xff55ff, 0xffff55, 0xffffff};

/* The glyph of Character; U+FFFD's, or a question mark's, if the font lacks it. */
static const UCHAR *FramebufferGlyph(WCHAR Character)
{
    static const WCHAR Fallback[] = {0xfffd, L'?'};
    ULONG Low, High, Middle, Try;

    for (Try = 0; Try <= RTL_NUMBER_OF(Fallback); Try++) {
        for (Low = 0, High = FontCount; Low < High;) {
            Middle = (Low + High) / 2;
            if (FontCodes[Middle] == Character)
                return FontGlyphs[Middle];
            if (FontCodes[Middle] < Character)
                Low = Middle + 1;
            else
                High = Middle;
        }
        Character = Fallback[min(Try, RTL_NUMBER_OF(Fallback) - 1)];
    }
    return FontGlyphs[0];
}

/* Eight pixels: bit 7 of Bits is the leftmost. */
static VOID FramebufferDrawLine(PDEVICE_EXTENSION Extension, PUCHAR Line, UCHAR Bits, ULONG Foreground,
                                ULONG Background)
{
    ULONG x, Pixel;

    for (x = 0; x < FONT_WIDTH; x++, Line += Extension->BytesPerPixel) {
        Pixel = (Bits & (0x80 >> x)) ? Foreground : Background;
        switch (Extension->BytesPerPixel) {
        case 4:
            *(volatile ULONG *)Line = Pixel;
            break;
        case 2:
            *(volatile USHORT *)Line = (USHORT)Pixel;
            break;
        default:
            Line[0] = (UCHAR)Pixel;
            Line[1] = (UCHAR)(Pixel >> 8);
            Line[2] = (UCHAR)(Pixel >> 16);
            break;
        }
    }
}

static PUCHAR FramebufferCell(PDEVICE_EXTENSION Extension, ULONG Column, ULONG Row)
{
    return Extension->Memory + Row * FONT_HEIGHT * Extension->Pitch + Column * FONT_WIDTH * Extension->BytesPerPixel;
}

static VOID FramebufferDrawCell(PDEVICE_EXTENSION Extension, ULONG Column, ULONG Row, VIDEO_CELL Cell)
{
    const UCHAR *Glyph = FramebufferGlyph(Cell.Character);
    PUCHAR Line = FramebufferCell(Extension, Column, Row);
    ULONG Foreground = Extension->Palette[Cell.Attributes & 15],
          Background = Extension->Palette[Cell.Attributes >> 4 & 15];
    BOOLEAN IsReverse = (Cell.Attributes & VIDEO_CELL_REVERSE) != 0;
    ULONG y;

    for (y = 0; y < FONT_HEIGHT; y++, Line += Extension->Pitch)
        FramebufferDrawLine(Extension, Line,
                            y == FONT_HEIGHT - 2 && (Cell.Attributes & VIDEO_CELL_UNDERSCORE) ? 0xff : Glyph[y],
                            IsReverse ? Background : Foreground, IsReverse ? Foreground : Background);
}

static VOID FramebufferShowCursor(PDEVICE_EXTENSION Extension)
{
    ULONG Height = max(1, (ULONG)FONT_HEIGHT * Extension->Cursor.Percent / 100), y;
    PUCHAR Line = FramebufferCell(Extension, Extension->Cursor.Column, Extension->Cursor.Row);

    if (!Extension->Cursor.IsVisible)
        return;
    for (y = FONT_HEIGHT - Height; y < FONT_HEIGHT; y++)
        FramebufferDrawLine(Extension, Line + y * Extension->Pitch, 0xff, Extension->Palette[7], 0);
}

/* Colour is 0xRRGGBB; positions are those of the lowest bits.  16 bits a pixel: 5, 6 and 5 bits, or 5, 5 and 5. */
static ULONG FramebufferPixel(ULONG Colour, ULONG Bits, ULONG Red, ULONG Green, ULONG Blue)
{
    ULONG GreenSize = Red == 10 || Blue == 10 ? 5 : 6;

    if (Bits <= 16)
        return (Colour >> 19 & 0x1f) << Red | (Colour >> 8 & 0xff) >> (8 - GreenSize) << Green |
               (Colour >> 3 & 0x1f) << Blue;
    return (Colour >> 16 & 0xff) << Red | (Colour >> 8 & 0xff) << Green | (Colour & 0xff) << Blue;
}

static const SCREEN_OPERATIONS FramebufferOperations = {.DrawCell = FramebufferDrawCell,
                                                        .ShowCursor = FramebufferShowCursor};

NTSTATUS FramebufferInitialize(PDEVICE_EXTENSION Extension, PCM_PARTIAL_RESOURCE_LIST Resources)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Memory = NULL, Geometry = NULL;
    ULONG i, Width, Height, Bits, Layout;

    for (i = 1; i < Resources->Count && Geometry == NULL; i++) {
        if (Resources->PartialDescriptors[i].Type == CmResourceTypeDevicePrivate &&
            Resources->PartialDescriptors[i - 1].Type == CmResourceTypeMemory) {
            Memory = &Resources->PartialDescriptors[i - 1];
            Geometry = &Resources->PartialDescriptors[i];
        }
    }
    if (Geometry == NULL)
        return STATUS_NO_SUCH_DEVICE;
    Extension->Pitch = Geometry->u.DevicePrivate.Data[0];
    Width = Geometry->u.DevicePrivate.Data[1] >> 16;
    Height = Geometry->u.DevicePrivate.Data[1] & 0xffff;
    Layout = Geometry->u.DevicePrivate.Data[2];
    Bits = Layout >> 24;
    Extension->BytesPerPixel = (Bits + 7) / 8;
    if (Extension->BytesPerPixel < 2 || Extension->BytesPerPixel > 4 || Width < FONT_WIDTH || Height < FONT_HEIGHT ||
        Extension->Pitch < Width * Extension->BytesPerPixel ||
        (ULONGLONG)Extension->Pitch * Height > Memory->u.Memory.Length)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Extension->MemoryLength = Extension->Pitch * Height;
    Extension->Memory = MmMapIoSpace(Memory->u.Memory.Start, Extension->MemoryLength, MmWriteCombined);
    if (Extension->Memory == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (i = 0; i < 16; i++)
        Extension->Palette[i] = FramebufferPixel(FramebufferColours[i], Bits, Layout >> 16 & 0xff, Layout >> 8 & 0xff,
                                                 Layout & 0xff);
    Extension->Columns = (USHORT)(Width / FONT_WIDTH);
    Extension->Rows = (USHORT)(Height / FONT_HEIGHT);
    Extension->Operations = &FramebufferOperations;
    return STATUS_SUCCESS;
}
