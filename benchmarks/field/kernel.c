/* The Ningxia table of 2013 as an expert in C would write it: no branch, a table of lines, a loop that vectorises.
   Fen in, fen out. Up to 10^13 fen the numerators stay below 2^53, and a quotient that is no whole number is further
   from the next one than a double is exact there, so that dividing doubles gives the floor. */

#include <stdint.h>

static const int64_t slope[18] = {0, 50, 52, 54, 57, 60, 63, 66, 70, 0, 51, 53, 55, 59, 62, 65, 68, 73};
static const int64_t fixed[18] = {
    0, -29999950, -33999950, -43999950, -73999950, -133999950, -223999950, -343999950, -543999950,
    0, -30599950, -34599950, -44599950, -84599950, -144599950, -234599950, -354599950, -604599950};

void critical_illness(const int64_t *restrict total, const int64_t *restrict illness, int64_t *restrict paid, long rows)
{
    for (long row = 0; row < rows; row++) {
        int64_t x = total[row];
        int64_t place = 9 * illness[row];
        place += (x > 600000) + (x > 2000000) + (x > 5000000) + (x > 10000000);
        place += (x > 20000000) + (x > 30000000) + (x > 40000000) + (x > 50000000);
        paid[row] = (int64_t)((double)(slope[place] * x + fixed[place]) / 100.0);
    }
}
