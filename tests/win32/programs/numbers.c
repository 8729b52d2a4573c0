// SPDX-License-Identifier: BSD-2-Clause
// The C library's calculations: formatted output and input, sorting, mathematics, memory.
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

static void Formats(void)
{
    SHOW("[%5d|%-5d|%05d|%+d|% d|%x|%#X|%o]", 42, 42, 42, 42, 42, 255, 255, 8);
    SHOW("[%lld|%llu]", LLONG_MIN, ULLONG_MAX);
    SHOW("[%f|%.3f|%10.2f|%-10.1f|%e|%G|%g]", 3.14159, 2.5, 1234.567, 0.05, 12345.678, 1e-10, 100000.0);
    SHOW("[%s|%.2s|%10s|%-10s|%c|%%]", "text", "cut", "right", "left", 'c');
    SHOW("[%*d|%.*f]", 6, 7, 2, 1.0 / 3);
    SHOW("[%g %g %g]", HUGE_VAL, -HUGE_VAL, 0.0);
    SHOW("[%.17g %.0f %.20f]", 0.1, 0.5, 1e-5);
}

static void Scanning(void)
{
    int a = 0, b = 0, n = 0;
    double d = 0;
    char s[16] = "", *end;

    SHOW("%d", sscanf("12 0x1f  3.5e2 word,rest", "%d %i %lf %15[^,]%n", &a, &b, &d, s, &n));
    SHOW("%d %d %g %s %d", a, b, d, s, n);
    SHOW("%ld", strtol("-77zz", &end, 10));
    SHOW("%s", end);
    errno = 0;
    SHOW("%ld", strtol("99999999999", NULL, 10));
    SHOW("%d", errno);
    SHOW("%.17g", strtod("2.2250738585072014e-308", NULL));
    SHOW("%llx", strtoull("ffffffffffffffff", NULL, 16));
    SHOW("%d %g", atoi("  12abc"), atof("1e3"));
}

static void Mathematics(void)
{
    SHOW("%.12f %.12f %.12f", sin(1), cos(1), tan(1));
    SHOW("%.12f %.12f %.12f", exp(1), log(10), pow(2, 0.5));
    SHOW("%.12f %.12f %.12f", sqrt(2), cbrt(27), hypot(3, 4));
    SHOW("%g %g %g %g", floor(-1.5), ceil(-1.5), fmod(7, 3), round(2.5));
    SHOW("%d %d", isnan(sqrt(-1)) != 0, isinf(1 / (0.0 * (errno + 1))) != 0);
    SHOW("%g %g", ldexp(1, 10), DBL_MAX);
    SHOW("%.10f", atan2(1, -1));
}

static int Order(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void Sorting(void)
{
    enum { N = 20000 };
    int *numbers = malloc(N * sizeof(int)), key = 0, wrong = 0;
    unsigned seed = 12345;

    for (int i = 0; i < N; i++)
        numbers[i] = (int)((seed = seed * 1103515245 + 12345) >> 8 & 0xFFFFF);
    key = numbers[N / 2];
    qsort(numbers, N, sizeof(int), Order);
    for (int i = 1; i < N; i++)
        wrong += numbers[i - 1] > numbers[i];
    SHOW("%d %d %d", wrong, numbers[0], numbers[N - 1]);
    YES(bsearch(&key, numbers, N, sizeof(int), Order) != NULL);
    free(numbers);
    srand(7);
    for (int i = 0; i < 3; i++)
        SHOW("%d", rand());
}

static void Memory(void)
{
    unsigned sum = 0;
    char *blocks[500];

    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 500; i++)
            memset(blocks[i] = malloc((size_t)(i * 37 + round) % 5000 + 1), i, 1);
        for (int i = 0; i < 500; i++) {
            blocks[i] = realloc(blocks[i], (size_t)(i * 91) % 9000 + 1);
            sum += (unsigned char)blocks[i][0];
            free(blocks[i]);
        }
    }
    SHOW("%u", sum);
    void *aligned = _aligned_malloc(1000, 256);
    YES(((uintptr_t)aligned & 255) == 0);
    _aligned_free(aligned);
    char *big = calloc(1, 50 << 20);
    SHOW("%d", big[0] + big[(50 << 20) - 1]);
    YES(_msize(big) == 50 << 20);
    free(big);
    YES(malloc((size_t)1 << 62) == NULL);
}

static jmp_buf place;

__attribute__((noinline)) static void Deep(int depth)
{
    volatile char space[100];

    space[0] = (char)depth;
    if (depth == 0)
        longjmp(place, 5);
    Deep(depth - 1);
    space[1] = space[0];
}

static void Jumps(void)
{
    int value = setjmp(place);

    SHOW("%d", value);
    if (value == 0)
        Deep(50);
}

int main(void)
{
    Formats();
    Scanning();
    Mathematics();
    Sorting();
    Memory();
    Jumps();
    return 0;
}
