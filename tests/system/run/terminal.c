/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A Windows program that uses the console it is started at as its first argument says, for the test of the terminal.
 */
#include <conio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static HANDLE in, out;

static void say(const char *text)
{
    DWORD done;

    WriteConsoleA(out, text, (DWORD)strlen(text), &done, NULL);
}

static BOOL WINAPI handler(DWORD event)
{
    printf("event %lu\n", event);
    return TRUE;
}

/* Events as they are, until q. */
static int keys(void)
{
    INPUT_RECORD record = { 0 };
    DWORD count;

    SetConsoleMode(in, 0);
    printf("ready\n");
    while (ReadConsoleInputW(in, &record, 1, &count) && count == 1) {
        const KEY_EVENT_RECORD *key = &record.Event.KeyEvent;

        if (record.EventType != KEY_EVENT || !key->bKeyDown)
            continue;
        if (key->uChar.UnicodeChar == 'q')
            return 3;
        printf("key %02x %04x %lx\n", key->wVirtualKeyCode, key->uChar.UnicodeChar, key->dwControlKeyState & 0x1f);
    }
    return 1;
}

/* Lines, until one that is "end". */
static int lines(void)
{
    WCHAR text[256];
    DWORD count;

    do {
        printf("line> ");
        fflush(stdout);
        if (!ReadConsoleW(in, text, 255, &count, NULL))
            return 1;
        text[count] = 0;
        while (count != 0 && (text[count - 1] == '\r' || text[count - 1] == '\n'))
            text[--count] = 0;
        printf("[%ls]\n", text);
    } while (wcscmp(text, L"end") != 0);
    return 3;
}

/* A line that is begun, and that Tab or Escape ends. */
static int control(void)
{
    WCHAR text[64] = L"pre";
    CONSOLE_READCONSOLE_CONTROL wishes = { sizeof(wishes), 3, 1u << '\t', 0 };
    DWORD count = 0;

    say("> pre");
    if (!ReadConsoleW(in, text, 63, &count, &wishes))
        return 1;
    text[count] = 0;
    printf("\ncount %lu state %lx", count, wishes.dwControlKeyState & 0x1f);
    for (DWORD i = 0; i < count; i++)
        printf(text[i] >= 0x20 ? " %c" : " <%02x>", text[i]);
    printf("\n");
    return 3;
}

/* Ctrl+C while it reads: the read answers with nothing. */
static int reading(void)
{
    WCHAR text[64];
    DWORD count = 99;
    BOOL ok;

    SetConsoleCtrlHandler(handler, TRUE);
    printf("ready\n");
    SetLastError(0);
    ok = ReadConsoleW(in, text, 63, &count, NULL);
    printf("read %d %lu\n", ok, count);
    SetConsoleMode(in, ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT);
    ok = ReadConsoleW(in, text, 63, &count, NULL);
    printf("unprocessed %d %lu %02x\n", ok, count, text[1]);
    return 3;
}

static int computing(void)
{
    volatile unsigned long long turns = 0;

    printf("ready\n");
    while (turns + 1 != 0)
        turns++;
    return 1;
}

/* Echo off, single keys of the C library, counts and flushing. */
static int small(void)
{
    WCHAR text[64];
    DWORD count = 0, mode;
    INPUT_RECORD records[16];

    GetConsoleMode(in, &mode);
    SetConsoleMode(in, mode & ~ENABLE_ECHO_INPUT);
    printf("password: \n");
    ReadConsoleW(in, text, 63, &count, NULL);
    printf("%lu characters, ", count - 2);
    printf("echo alone %d", SetConsoleMode(in, ENABLE_ECHO_INPUT));
    printf(" %lu\n", GetLastError());
    SetConsoleMode(in, mode);
    printf("getch\n");
    printf("got %02x\n", _getch());
    printf("wait\n");
    Sleep(2000);
    GetNumberOfConsoleInputEvents(in, &count);
    printf("events %d", count >= 6);
    PeekConsoleInputW(in, records, 16, &count);
    printf(" peeked %d %c", count >= 6, records[0].Event.KeyEvent.uChar.AsciiChar);
    FlushConsoleInputBuffer(in);
    GetNumberOfConsoleInputEvents(in, &count);
    printf(" left %lu kbhit %d\n", count, _kbhit());
    return 3;
}

static void cell_text(HANDLE buffer, SHORT x, SHORT y, DWORD length, char *text)
{
    DWORD done = 0;

    ReadConsoleOutputCharacterA(buffer, text, length, (COORD){ x, y }, &done);
    text[done] = 0;
}

/* What a full-screen program does: a buffer of its own, cells, VT sequences; the old screen comes back. */
static int screen(void)
{
    static const char colours[] = "\x1b[8;3H\x1b[1;31mred\x1b[0m\x1b[38;5;46mgreen\x1b[38;2;0;0;255mblue\x1b[0m";
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE own = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit,
            CONSOLE_TEXTMODE_BUFFER, NULL), active;
    CONSOLE_SCREEN_BUFFER_INFO info;
    SMALL_RECT region = { 4, 2, 6, 3 }, source = { 0, 0, 9, 0 };
    CHAR_INFO cells[6], fill = { { L' ' }, 7 };
    char text[32];
    DWORD done, mode;
    int i;

    say("the first screen\r\n");
    SetConsoleActiveScreenBuffer(own);
    active = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    WriteConsoleA(active, "active", 6, &done, NULL);
    cell_text(own, 0, 0, 6, text);
    printf("CONOUT$ is [%s]\n", text);
    for (i = 0; i < 6; i++) {
        cells[i].Char.UnicodeChar = L'0' + i;
        cells[i].Attributes = 0x1e;
    }
    WriteConsoleOutputW(own, cells, (COORD){ 3, 2 }, (COORD){ 0, 0 }, &region);
    SetConsoleCursorPosition(own, (COORD){ 10, 5 });
    WriteConsoleA(own, "here", 4, &done, NULL);
    GetConsoleMode(own, &mode);
    SetConsoleMode(own, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    WriteConsoleA(own, colours, sizeof(colours) - 1, &done, NULL);
    ScrollConsoleScreenBufferW(own, &source, NULL, (COORD){ 0, 10 }, &fill);
    cell_text(own, 0, 10, 6, text);
    printf("scrolled [%s]", text);
    cell_text(own, 2, 7, 12, text);
    printf(" [%s]", text);
    GetConsoleScreenBufferInfo(own, &info);
    printf(" cursor %d,%d\n", info.dwCursorPosition.X, info.dwCursorPosition.Y);
    printf("look\n");
    fflush(stdout);
    _getch();
    SetConsoleActiveScreenBuffer(out);
    CloseHandle(own);
    WriteConsoleA(active, "still", 5, &done, NULL);
    cell_text(active, 14, 7, 5, text);
    printf("its other handle [%s]\n", text);
    CloseHandle(active);
    SetConsoleTitleA("a title");
    return 3;
}

/* Leaves its console for one of its own, and comes back to its parent's. */
static int consoles(void)
{
    DWORD list[8], done, mode;
    HANDLE other;

    printf("free %d", FreeConsole());
    printf(" alloc %d", AllocConsole());
    other = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    done = 0;
    WriteConsoleA(other, "nobody sees this", 16, &done, NULL);
    CloseHandle(other);
    printf(" wrote %lu alone %d", done, GetConsoleProcessList(list, 8) == 1);
    printf(" free %d", FreeConsole());
    printf(" attach %d", AttachConsole(ATTACH_PARENT_PROCESS));
    printf(" alone %d\n", GetConsoleProcessList(list, 8) == 1);
    other = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    WriteConsoleA(other, "back at the prompt's\r\n", 22, &done, NULL);
    CloseHandle(other);
    printf("standard output is one %d\n", GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode));
    return 3;
}

static const struct {
    const char *name;
    int (*run)(void);
} modes[] = {
    { "keys", keys }, { "lines", lines }, { "control", control }, { "reading", reading }, { "computing", computing },
    { "small", small }, { "screen", screen }, { "consoles", consoles },
};

int main(int argc, char **argv)
{
    /* In consoles the prompt's handle is lost on the way: what is printed goes to a file then. */
    in = GetStdHandle(STD_INPUT_HANDLE);
    out = GetStdHandle(STD_OUTPUT_HANDLE);
    if (argc > 2 && freopen(argv[2], "w", stdout) == NULL)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(argv[1], modes[i].name) == 0)
            return modes[i].run();
    }
    return 2;
}
