// SPDX-License-Identifier: BSD-2-Clause
//
// The console API on a console of the program's own (CREATE_NO_WINDOW): screen buffers, cells, scrolling, text attributes,
// code pages, title, input records, lines, process lists, leaving a console and joining one.  Prints to standard output, which is
// no console.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <stdio.h>
#include <string.h>

static HANDLE in, out;
static CONSOLE_SCREEN_BUFFER_INFO screen;

static void Open(void)
{
    in = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    out = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    printf("open %d %d\n", in != INVALID_HANDLE_VALUE, out != INVALID_HANDLE_VALUE);
}

static COORD At(int x, int y)
{
    COORD at = { (SHORT)x, (SHORT)y };

    return at;
}

static COORD Cursor(void)
{
    GetConsoleScreenBufferInfo(out, &screen);
    return screen.dwCursorPosition;
}

static void Place(const char *what)
{
    COORD at = Cursor();

    printf("%-24s %d,%d\n", what, at.X, at.Y);
}

// The characters and attributes of part of a row.
static void Row(int x, int y, int length)
{
    WCHAR text[80];
    WORD attributes[80];
    DWORD count = 0, same = 0;
    BOOL one = ReadConsoleOutputCharacterW(out, text, length, At(x, y), &count);
    BOOL two = ReadConsoleOutputAttribute(out, attributes, length, At(x, y), &same);

    printf("row %2d %d %d %lu %lu [", y, one, two, count, same);
    for (DWORD i = 0; i < count; i++)
        printf(text[i] >= 0x20 && text[i] < 0x7f ? "%c" : "<%04x>", text[i]);
    printf("]");
    for (DWORD i = 0; i < same; i++)
        if (i == 0 || attributes[i] != attributes[i - 1])
            printf(" %lu:%02x", i, attributes[i]);
    printf("\n");
}

static void Clear(void)
{
    DWORD done;

    FillConsoleOutputCharacterA(out, ' ', screen.dwSize.X * screen.dwSize.Y, At(0, 0), &done);
    FillConsoleOutputAttribute(out, 7, screen.dwSize.X * screen.dwSize.Y, At(0, 0), &done);
    SetConsoleCursorPosition(out, At(0, 0));
    SetConsoleTextAttribute(out, 7);
}

static void Write(const char *text)
{
    DWORD done = 0;
    BOOL ok = WriteConsoleA(out, text, (DWORD)strlen(text), &done, NULL);

    if (!ok || done != strlen(text))
        printf("WriteConsole: %d %lu\n", ok, done);
}

static void Text(void)
{
    DWORD done = 0;
    CONSOLE_CURSOR_INFO cursor = { 0, 0 };

    SetConsoleMode(out, ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT);
    Clear();
    Write("abc\r\nde\tf\b\bXY\n  back");
    Place("text");
    Row(0, 0, 12);
    Row(0, 1, 16);
    Row(0, 2, 12);
    SetConsoleTextAttribute(out, FOREGROUND_RED | FOREGROUND_INTENSITY | BACKGROUND_BLUE);
    Write("red");
    GetConsoleScreenBufferInfo(out, &screen);
    printf("attributes %02x\n", screen.wAttributes);
    Row(0, 2, 12);
    printf("WriteFile %d", WriteFile(out, "file", 4, &done, NULL));
    printf(" %lu\n", done);
    Row(0, 2, 16);
    Clear();
    SetConsoleCursorPosition(out, At(screen.dwSize.X - 3, 0));
    Write("xyz");
    Place("at the end of a row");
    Write("wrapped");
    Row(0, 1, 10);
    SetConsoleMode(out, ENABLE_PROCESSED_OUTPUT);
    SetConsoleCursorPosition(out, At(0, 3));
    Write("one line");
    Place("without wrapping");
    SetConsoleMode(out, ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT);
    printf("cursor outside %d", SetConsoleCursorPosition(out, At(screen.dwSize.X, 0)));
    printf(" %lu\n", GetLastError());
    cursor.dwSize = 50;
    cursor.bVisible = FALSE;
    printf("cursor shape %d", SetConsoleCursorInfo(out, &cursor));
    cursor.dwSize = 0;
    printf(" %d", SetConsoleCursorInfo(out, &cursor));
    GetConsoleCursorInfo(out, &cursor);
    printf(" %lu %d\n", cursor.dwSize, cursor.bVisible);
}

static void Scrolled(void)
{
    char line[32];

    Clear();
    for (int i = 0; i <= screen.dwSize.Y; i++) {
        snprintf(line, sizeof(line), "line %d\r\n", i);
        Write(line);
    }
    printf("last row %d\n", Cursor().Y == screen.dwSize.Y - 1);
    Row(0, 0, 5);
    Row(0, 2, 5);
}

static void Cells(void)
{
    CHAR_INFO block[6], read[12];
    SMALL_RECT region = { 2, 1, 4, 2 }, beyond = { screen.dwSize.X - 1, 0, screen.dwSize.X + 5, 1 };
    DWORD done = 99;
    WORD attributes[4] = { 1, 2, 3, 4 };

    Clear();
    for (int i = 0; i < 6; i++) {
        block[i].Char.UnicodeChar = L'p' + i;
        block[i].Attributes = 0x10 + i;
    }
    printf("WriteConsoleOutput %d", WriteConsoleOutputW(out, block, At(3, 2), At(0, 0), &region));
    printf(" %d,%d-%d,%d\n", region.Left, region.Top, region.Right, region.Bottom);
    Row(0, 1, 8);
    Row(0, 2, 8);
    printf("WriteConsoleOutput %d", WriteConsoleOutputW(out, block, At(3, 2), At(1, 0), &beyond));
    printf(" %d,%d\n", beyond.Right == screen.dwSize.X - 1, beyond.Bottom);
    Row(screen.dwSize.X - 2, 0, 2);
    printf("characters %d", WriteConsoleOutputCharacterA(out, "hello", 5, At(0, 4), &done));
    printf(" %lu", done);
    printf(" attributes %d", WriteConsoleOutputAttribute(out, attributes, 4, At(1, 4), &done));
    printf(" %lu\n", done);
    Row(0, 4, 8);
    region = (SMALL_RECT){ 0, 1, 3, 3 };
    memset(read, 0, sizeof(read));
    printf("ReadConsoleOutput %d", ReadConsoleOutputW(out, read, At(4, 3), At(0, 0), &region));
    printf(" %d,%d-%d,%d", region.Left, region.Top, region.Right, region.Bottom);
    for (int i = 0; i < 12; i++)
        printf(" %c%02x", read[i].Char.AsciiChar, read[i].Attributes);
    printf("\n");
    printf("fill %d", FillConsoleOutputCharacterA(out, '#', 5, At(screen.dwSize.X - 2, 5), &done));
    printf(" %lu", done);
    printf(" %d", FillConsoleOutputAttribute(out, 0x4e, 3, At(0, 6), &done));
    printf(" %lu\n", done);
    Row(0, 6, 6);
}

static void Scroll(const char *what, SMALL_RECT source, COORD target, const SMALL_RECT *clip)
{
    CHAR_INFO fill = { { L'.' }, 0x20 };

    Clear();
    Write("abcdef\r\nghijkl\r\nmnopqr\r\nstuvwx");
    printf("%s %d\n", what, ScrollConsoleScreenBufferW(out, &source, clip, target, &fill));
    for (int y = 0; y < 4; y++)
        Row(0, y, 8);
}

static void Scrolling(void)
{
    SMALL_RECT clip = { 1, 1, 4, 2 };

    Scroll("up", (SMALL_RECT){ 0, 1, 5, 3 }, At(0, 0), NULL);
    Scroll("down", (SMALL_RECT){ 0, 0, 5, 2 }, At(0, 1), NULL);
    Scroll("right", (SMALL_RECT){ 0, 0, 3, 1 }, At(2, 0), NULL);
    Scroll("clipped", (SMALL_RECT){ 0, 0, 3, 3 }, At(1, 1), &clip);
    Scroll("outside", (SMALL_RECT){ 0, 0, screen.dwSize.X, 1 }, At(0, 0), NULL);
}

static void Buffers(void)
{
    HANDLE first = out, second = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, 0, NULL, CONSOLE_TEXTMODE_BUFFER, NULL);

    printf("second buffer %d", second != INVALID_HANDLE_VALUE);
    printf(" active %d\n", SetConsoleActiveScreenBuffer(second));
    Clear();
    Write("first");
    out = second;
    Write("second");
    Place("in the second");
    Row(0, 0, 10);
    out = first;
    Place("in the first");
    Row(0, 0, 10);
    printf("back %d", SetConsoleActiveScreenBuffer(first));
    printf(" %d\n", CloseHandle(second));
    Row(0, 0, 10);
}

static void Settings(void)
{
    char title[64];
    DWORD mode = 0;
    BOOL ok = SetConsoleTitleA("a title");
    DWORD length = GetConsoleTitleA(title, sizeof(title));

    printf("title %d %lu %s\n", ok, length, title);
    ok = SetConsoleCP(437);
    printf("code pages %d", ok && SetConsoleOutputCP(437));
    printf(" %u %u", GetConsoleCP(), GetConsoleOutputCP());
    printf(" unknown %d\n", SetConsoleOutputCP(12345));
    Clear();
    Write("\x81\xb3");
    Row(0, 0, 3);
    SetConsoleOutputCP(65001);
    Clear();
    Write("\xc3\xbc\xe2\x82\xac");
    Row(0, 0, 3);
    ok = SetConsoleMode(in, ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT);
    printf("modes %d %d", ok, GetConsoleMode(in, &mode));
    printf(" %lx", mode);
    printf(" %d", GetConsoleMode(out, &mode));
    printf(" %lx\n", mode);
    printf("wrong handles %d", SetConsoleCursorPosition(in, At(0, 0)));
    printf(" %lu", GetLastError());
    printf(" %d", FlushConsoleInputBuffer(out));
    printf(" %lu\n", GetLastError());
}

// Puts the keys of a text into the input.
static void Type(const char *text)
{
    INPUT_RECORD keys[2];
    DWORD done;

    memset(keys, 0, sizeof(keys));
    for (; *text; text++) {
        keys[0].EventType = KEY_EVENT;
        keys[0].Event.KeyEvent.bKeyDown = TRUE;
        keys[0].Event.KeyEvent.wRepeatCount = 1;
        keys[0].Event.KeyEvent.uChar.UnicodeChar = (BYTE)*text;
        keys[0].Event.KeyEvent.wVirtualKeyCode = *text == '\r' ? VK_RETURN : *text == '\b' ? VK_BACK : *text & 0xdf;
        keys[1] = keys[0];
        keys[1].Event.KeyEvent.bKeyDown = FALSE;
        WriteConsoleInputW(in, keys, 2, &done);
    }
}

static void Records(void)
{
    INPUT_RECORD put[3], got[8];
    DWORD done = 0, count = 0;

    FlushConsoleInputBuffer(in);
    memset(put, 0, sizeof(put));
    put[0].EventType = KEY_EVENT;
    put[0].Event.KeyEvent.bKeyDown = TRUE;
    put[0].Event.KeyEvent.wRepeatCount = 1;
    put[0].Event.KeyEvent.wVirtualKeyCode = VK_LEFT;
    put[0].Event.KeyEvent.dwControlKeyState = SHIFT_PRESSED | ENHANCED_KEY;
    put[1].EventType = MOUSE_EVENT;
    put[1].Event.MouseEvent.dwMousePosition.X = 3;
    put[2].EventType = FOCUS_EVENT;
    put[2].Event.FocusEvent.bSetFocus = TRUE;
    printf("wait %lu", WaitForSingleObject(in, 0));
    printf(" write %d", WriteConsoleInputW(in, put, 3, &done));
    printf(" %lu", done);
    GetNumberOfConsoleInputEvents(in, &count);
    printf(" count %lu wait %lu\n", count, WaitForSingleObject(in, 0));
    printf("peek %d", PeekConsoleInputW(in, got, 2, &done));
    printf(" %lu same %d\n", done, memcmp(got, put, 2 * sizeof(*put)) == 0);
    printf("read %d", ReadConsoleInputW(in, got, 8, &done));
    printf(" %lu same %d wait %lu", done, memcmp(got, put, sizeof(put)) == 0, WaitForSingleObject(in, 0));
    printf(" peek %d", PeekConsoleInputW(in, got, 2, &done));
    printf(" %lu\n", done);
}

static void Lines(void)
{
    WCHAR wide[32];
    char bytes[32];
    DWORD done = 0;

    SetConsoleMode(in, ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_PROCESSED_INPUT);
    Clear();
    Type("helx\blo\r");
    printf("line %d", ReadConsoleW(in, wide, 32, &done, NULL));
    printf(" %lu [%.*ls]\n", done, done > 2 ? (int)done - 2 : 0, wide);
    Row(0, 0, 8);
    Place("after the echo");
    Type("in pieces\r");
    for (int i = 0; i < 3; i++) {
        BOOL ok = ReadFile(in, bytes, 4, &done, NULL);

        printf("piece %d %lu [%.*s]", ok, done, (int)(done < 3 ? 0 : done), bytes);
    }
    printf("\n");
    SetConsoleMode(in, 0);
    Type("raw");
    printf("raw %d", ReadConsoleA(in, bytes, 32, &done, NULL));
    printf(" %lu [%.*s]\n", done, (int)done, bytes);
    FlushConsoleInputBuffer(in);
}

static void Processes(void)
{
    DWORD list[4], few[1] = { 0 };
    DWORD count = GetConsoleProcessList(list, 4);

    printf("processes %lu %d", count, count == 1 && list[0] == GetCurrentProcessId());
    printf(" %lu\n", GetConsoleProcessList(few, 1));
    printf("alloc %d", AllocConsole());
    printf(" %lu attach %d", GetLastError(), AttachConsole(ATTACH_PARENT_PROCESS));
    printf(" %lu\n", GetLastError());
    printf("free %d", FreeConsole());
    printf(" cp %u list %lu\n", GetConsoleCP(), GetConsoleProcessList(list, 4));
    printf("attach nobody %d\n", AttachConsole(0x7ffffff0));
}

static int Child(void)
{
    Open();
    Cursor();
    Text();
    Scrolled();
    Cells();
    Scrolling();
    Buffers();
    Settings();
    Records();
    Lines();
    Processes();
    fflush(stdout);
    return 5;
}

int main(int argc, char **argv)
{
    STARTUPINFOA si = { .cb = sizeof(si), .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION pi;
    DWORD status = 0;

    (void)argv;
    if (argc > 1)
        return Child();
    setvbuf(stdout, NULL, _IONBF, 0);
    si.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    si.hStdOutput = si.hStdError = GetStdHandle(STD_OUTPUT_HANDLE);
    if (!CreateProcessA(NULL, "console.exe child", NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &si, &pi)) {
        printf("CreateProcess: %lu\n", GetLastError());
        return 1;
    }
    WaitForSingleObject(pi.hProcess, 50000);
    GetExitCodeProcess(pi.hProcess, &status);
    printf("child ended with %lu\n", status);
    return 0;
}
