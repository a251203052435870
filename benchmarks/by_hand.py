"""What an expert would write by hand for the Ningxia table of 2013, to hold the generated calculators against.

Whole fen, prefix constants folded into the line of each band, a balanced tree of comparisons. The fastest of the forms
that were tried in CPython 3.11: fractions in lowest terms keep the intermediate numbers small, and one multiplication,
one subtraction and one division give the fen rounded half up.
"""

from __future__ import annotations


def nothing(total: int, illness: str) -> int:
    """An empty call: what calling a function of two arguments costs, whatever is in it."""
    return 0


def critical_illness(total: int, illness: str) -> int:
    """What a year's `total` fen give under Ningxia's table, in fen."""
    if illness == "general":
        if total <= 10_000_000:
            if total <= 2_000_000:
                if total <= 600_000:
                    return 0
                return (total - 599_999) // 2
            if total <= 5_000_000:
                return (total * 13 - 8_499_988) // 25
            return (total * 27 - 21_999_975) // 50
        if total <= 30_000_000:
            if total <= 20_000_000:
                return (total * 57 - 73_999_950) // 100
            return (total * 3 - 6_699_998) // 5
        if total <= 40_000_000:
            return (total * 63 - 223_999_950) // 100
        if total <= 50_000_000:
            return (total * 33 - 171_999_975) // 50
        return (total * 7 - 54_399_995) // 10
    if total <= 10_000_000:
        if total <= 2_000_000:
            if total <= 600_000:
                return 0
            return (total * 51 - 30_599_950) // 100
        if total <= 5_000_000:
            return (total * 53 - 34_599_950) // 100
        return (total * 11 - 8_919_990) // 20
    if total <= 30_000_000:
        if total <= 20_000_000:
            return (total * 59 - 84_599_950) // 100
        return (total * 31 - 72_299_975) // 50
    if total <= 40_000_000:
        return (total * 13 - 46_919_990) // 20
    if total <= 50_000_000:
        return (total * 17 - 88_649_988) // 25
    return (total * 73 - 604_599_950) // 100


def sql_case(total: str) -> str:
    """The same table as one nested CASE of DuckDB over the column `total` (BIGINT fen) and the column illness."""
    return f"""\
CASE WHEN illness = 'general' THEN
    CASE WHEN {total} <= 600000 THEN 0
         WHEN {total} <= 2000000 THEN ({total} - 599999) // 2
         WHEN {total} <= 5000000 THEN ({total} * 13 - 8499988) // 25
         WHEN {total} <= 10000000 THEN ({total} * 27 - 21999975) // 50
         WHEN {total} <= 20000000 THEN ({total} * 57 - 73999950) // 100
         WHEN {total} <= 30000000 THEN ({total} * 3 - 6699998) // 5
         WHEN {total} <= 40000000 THEN ({total} * 63 - 223999950) // 100
         WHEN {total} <= 50000000 THEN ({total} * 33 - 171999975) // 50
         ELSE ({total} * 7 - 54399995) // 10 END
ELSE
    CASE WHEN {total} <= 600000 THEN 0
         WHEN {total} <= 2000000 THEN ({total} * 51 - 30599950) // 100
         WHEN {total} <= 5000000 THEN ({total} * 53 - 34599950) // 100
         WHEN {total} <= 10000000 THEN ({total} * 11 - 8919990) // 20
         WHEN {total} <= 20000000 THEN ({total} * 59 - 84599950) // 100
         WHEN {total} <= 30000000 THEN ({total} * 31 - 72299975) // 50
         WHEN {total} <= 40000000 THEN ({total} * 13 - 46919990) // 20
         WHEN {total} <= 50000000 THEN ({total} * 17 - 88649988) // 25
         ELSE ({total} * 73 - 604599950) // 100 END
END"""
