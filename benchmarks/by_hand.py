"""What an expert would write by hand for the Ningxia table of 2013, to hold the generated calculators against.

Whole fen, prefix constants folded into the line of each band, a balanced tree of comparisons. The fastest of the forms
that were tried in CPython 3.11: fractions in lowest terms keep the intermediate numbers small, and one multiplication,
one subtraction and one division give the fen rounded half up.
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import ROUND_HALF_UP, Decimal

from benchmarks.field.claims import ENDS, PERCENT


def nothing(total: int, illness: str) -> int:
    """An empty call: what calling a function of two arguments costs, whatever is in it."""
    return 0


def one_line(total: int, illness: str) -> int:
    """The arithmetic of one band, wherever the total lies: what the benefit takes without finding the band."""
    return (total * 13 - 8_499_988) // 25


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


def critical_illness_checked(total: int, illness: str) -> int:
    """The same for whatever comes in: nothing that no claim has is paid for."""
    if type(total) is not int:
        raise TypeError("total")
    if not 0 <= total <= 10**13:
        raise ValueError("total")
    if not isinstance(illness, str):
        raise TypeError("illness")
    if illness not in ("general", "listed"):
        raise ValueError("illness")
    return critical_illness(total, illness)


ENDS_FEN = [600_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 30_000_000, 40_000_000, 50_000_000]
LINES = {
    "general": (
        *((0, 0, 1), (1, 599_999, 2), (13, 8_499_988, 25), (27, 21_999_975, 50), (57, 73_999_950, 100)),
        *((3, 6_699_998, 5), (63, 223_999_950, 100), (33, 171_999_975, 50), (7, 54_399_995, 10)),
    ),
    "listed": (
        *((0, 0, 1), (51, 30_599_950, 100), (53, 34_599_950, 100), (11, 8_919_990, 20), (59, 84_599_950, 100)),
        *((31, 72_299_975, 50), (13, 46_919_990, 20), (17, 88_649_988, 25), (73, 604_599_950, 100)),
    ),
}
"""The lines of the tree above, by illness: times so much, less so much, divided by so much."""


def critical_illness_by_bisect(total: int, illness: str) -> int:
    """The same from a table that is searched."""
    times, less, divisor = LINES[illness][bisect_left(ENDS_FEN, total)]
    return (total * times - less) // divisor


DECIMAL_BANDS = {
    word: [
        (Decimal(lower), Decimal(upper) if upper is not None else None, Decimal(ratio) / 100)
        for lower, upper, ratio in zip(ENDS, (*ENDS[1:], None), percent, strict=True)
    ]
    for word, percent in PERCENT.items()
}
FEN = Decimal("0.01")


def critical_illness_in_decimals(total: Decimal, illness: str) -> Decimal:
    """The same in yuan as people mostly write it: a loop over the bands, exact decimals, rounded in the end."""
    paid = Decimal(0)
    for lower, upper, ratio in DECIMAL_BANDS[illness]:
        if total <= lower:
            break
        paid += ((total if upper is None else min(total, upper)) - lower) * ratio
    return paid.quantize(FEN, ROUND_HALF_UP)


def sql_case(total: str, divide: str = "//") -> str:
    """The same table as one nested CASE over the column `total` (BIGINT fen) and the column illness."""
    return f"""\
CASE WHEN illness = 'general' THEN
    CASE WHEN {total} <= 600000 THEN 0
         WHEN {total} <= 2000000 THEN ({total} - 599999) {divide} 2
         WHEN {total} <= 5000000 THEN ({total} * 13 - 8499988) {divide} 25
         WHEN {total} <= 10000000 THEN ({total} * 27 - 21999975) {divide} 50
         WHEN {total} <= 20000000 THEN ({total} * 57 - 73999950) {divide} 100
         WHEN {total} <= 30000000 THEN ({total} * 3 - 6699998) {divide} 5
         WHEN {total} <= 40000000 THEN ({total} * 63 - 223999950) {divide} 100
         WHEN {total} <= 50000000 THEN ({total} * 33 - 171999975) {divide} 50
         ELSE ({total} * 7 - 54399995) {divide} 10 END
ELSE
    CASE WHEN {total} <= 600000 THEN 0
         WHEN {total} <= 2000000 THEN ({total} * 51 - 30599950) {divide} 100
         WHEN {total} <= 5000000 THEN ({total} * 53 - 34599950) {divide} 100
         WHEN {total} <= 10000000 THEN ({total} * 11 - 8919990) {divide} 20
         WHEN {total} <= 20000000 THEN ({total} * 59 - 84599950) {divide} 100
         WHEN {total} <= 30000000 THEN ({total} * 31 - 72299975) {divide} 50
         WHEN {total} <= 40000000 THEN ({total} * 13 - 46919990) {divide} 20
         WHEN {total} <= 50000000 THEN ({total} * 17 - 88649988) {divide} 25
         ELSE ({total} * 73 - 604599950) {divide} 100 END
END"""


def sql_rows_to_settle(engine: str, amount: str, *texts: str) -> str:
    """Which rows an expert would settle by the rules of the policy: of its amount, its word, and texts not empty.

    The table holds the types of its columns fast, but in SQLite, where each value must be asked for its own; a word of
    the list is a text by that alone.
    """
    rules = [*(f"{text} <> ''" for text in texts), f"{amount} BETWEEN 0 AND 10000000000000"]
    rules.append("illness IN ('general', 'listed')")
    if engine == "sqlite":
        rules += [*(f"typeof({text}) = 'text'" for text in texts), f"typeof({amount}) = 'integer'"]
    return " AND ".join(rules)


def sql_yearly(table: str, ordered: str, divide: str, whole: str, rules: str = "") -> tuple[str, str]:
    """The benefit of each claim from its year's total in the window `ordered`, as a column and where it stands.

    With rules the rows that break one are left out, and those that are there more than once; a group of one row is that
    row, so that an engine can sort once for the groups and the window.
    """
    group = f" WHERE {rules} GROUP BY person, discharged, claim HAVING count(*) = 1" if rules else ""
    illness, borne = ("min(illness)", "min(borne)") if rules else ("illness", "borne")
    total = f"CAST(sum({borne}) OVER ({ordered}) AS {whole}) AS total"
    rows = f"(SELECT {illness} AS illness, {borne} AS borne, {total} FROM {table}{group}) AS w"
    return f"({sql_case('total', divide)}) - ({sql_case('(total - borne)', divide)})", rows


def sql_slices(total: str, divide: str, least: str, greatest: str, *, in_yuan: bool = False) -> str:
    """The same table as people mostly write it: for each band its ratio of the slice, added up, for each illness.

    In whole fen, rounded half up in the end; or as exact decimals of a yuan, to be rounded.
    """
    unit = 1 if in_yuan else 100
    sums = []
    for word, percent in PERCENT.items():
        slices = []
        for lower, upper, ratio in zip(ENDS, (*ENDS[1:], None), percent, strict=True):
            slice_ = f"{greatest}({total} - {lower * unit}, 0)"
            if upper is not None:
                slice_ = f"{least}({slice_}, {(upper - lower) * unit})"
            slices.append(f"0.{ratio} * {slice_}" if in_yuan else f"{ratio} * {slice_}")
        added = "\n    + ".join(slices)
        sums.append((word, added if in_yuan else f"({added} + 50) {divide} 100"))
    return f"CASE WHEN illness = '{sums[0][0]}' THEN {sums[0][1]} ELSE {sums[1][1]} END"
