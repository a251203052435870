"""Make a file of invented claims for one of the policies, the same file for the same seed.

    python examples/claims/generate.py --policy ningxia --rows 200 --seed 2013 -o claims.csv

Nobody stands behind these claims. What a person has borne by each claim is put at, or next to, an end of a band more
often than chance would, because that is where calculators differ. Amounts are whole fen until they are printed; claim
numbers do not follow the dates; some claims of one person fall on one day.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

FEN = 100
"""Fen in a yuan."""

PERCENT_LISTED = 15
CLAIMS_OF_ONE_PERSON = (1, 1, 1, 2, 2, 3, 4, 6)
"""How many claims a person has: each entry is equally likely."""

BASIC_CEILING_FEN = 250_000 * FEN
"""What the basic layer of Jiangning pays one person in a year at most."""


@dataclass(frozen=True, slots=True)
class Event:
    """One claim before it has a number: who, when, whether the illness is a listed one, and what is left in fen."""

    person: str
    discharged: date
    listed: bool
    borne_fen: int


@dataclass(frozen=True, slots=True)
class Book:
    """What differs from policy to policy.

    columns    behind `claim`, in the order of the file
    year       that all claims fall into
    ends_fen   the ends of the policy's bands, and other amounts at which something changes
    row        one claim as the values of `columns`; the last argument is what the person's basic layer has left, in fen
    """

    columns: tuple[str, ...]
    year: int
    ends_fen: tuple[int, ...]
    row: Callable[[Random, Event, int], tuple[tuple[str, ...], int]]


def yuan(fen: int) -> str:
    """Fen as a CSV writes them: 2000050 is `20000.50`."""
    return f"{fen // FEN}.{fen % FEN:02d}"


def ningxia_row(random: Random, event: Event, basic_left_fen: int) -> tuple[tuple[str, ...], int]:
    """A claim of Ningxia: the compliant cost that was left with the person, and the column of the table."""
    illness = "listed" if event.listed else "general"
    return (event.person, event.discharged.isoformat(), yuan(event.borne_fen), illness), basic_left_fen


def jiangning_row(random: Random, event: Event, basic_left_fen: int) -> tuple[tuple[str, ...], int]:
    """A claim of Jiangning: the whole cost, and what the basic layer's own table gives of it, half to two thirds.

    One claim in eight is given more than the layer's ceiling has left.
    """
    percent = random.randrange(50, 67)
    due_fen = event.borne_fen * percent // (100 - percent)
    if random.randrange(8):
        due_fen = min(due_fen, basic_left_fen)
    cost_fen = event.borne_fen + due_fen
    row = (event.person, event.discharged.isoformat(), yuan(cost_fen), yuan(due_fen))
    return row, max(basic_left_fen - due_fen, 0)


BOOKS = {
    "ningxia": Book(
        columns=("person", "discharged", "borne", "illness"),
        year=2013,
        ends_fen=tuple(
            end * FEN for end in (6_000, 20_000, 50_000, 100_000, 200_000, 300_000, 400_000, 500_000, 1_000_000)
        ),
        row=ningxia_row,
    ),
    "jiangning": Book(
        columns=("person", "discharged", "cost", "basic_due"),
        year=2012,
        # The last is where the cap of 1,000,000 yuan is reached.
        ends_fen=(15_000 * FEN, 30_000 * FEN, 60_000 * FEN, 114_277_778),
        row=jiangning_row,
    ),
}


def borne_so_far(random: Random, ends_fen: tuple[int, ...]) -> int:
    """An amount that a person may have borne by some claim, in fen: often at or next to an end, else anywhere."""
    # Low ends come oftener than high ones, as bills do.
    place = min(random.randrange(len(ends_fen)), random.randrange(len(ends_fen)))
    end = ends_fen[place]
    match random.randrange(8):
        case 0:
            return end
        case 1:
            return end + 1
        case 2:
            return end - 1
        case 3:
            return end + random.randrange(-FEN, FEN + 1)
        case _:
            below = ends_fen[place - 1] if place else 0
            return random.randrange(below, end + 1)


def events(random: Random, book: Book, rows: int) -> Iterator[Event]:
    """The claims of one person after another, each person's in the order of their dates."""
    new_year = date(book.year, 1, 1)
    days = (date(book.year + 1, 1, 1) - new_year).days
    made = 0
    person = 0
    while made < rows:
        person += 1
        count = min(CLAIMS_OF_ONE_PERSON[random.randrange(len(CLAIMS_OF_ONE_PERSON))], rows - made)
        totals_fen = sorted(borne_so_far(random, book.ends_fen) for _ in range(count))
        dates = sorted(random.randrange(days) for _ in range(count))
        # One illness for all claims of a person, so that a year's total stays in one column of the table.
        listed = random.randrange(100) < PERCENT_LISTED
        before_fen = 0
        for total_fen, day in zip(totals_fen, dates, strict=True):
            yield Event(f"P{person:07d}", new_year + timedelta(days=day), listed, total_fen - before_fen)
            before_fen = total_fen
        made += count


def claims(policy: str, rows: int, seed: int) -> Iterator[tuple[str, ...]]:
    """The lines of a file of `rows` claims under `policy`, the header first, in the order of the claim numbers."""
    book = BOOKS[policy]
    random = Random(f"{policy} {seed}")
    numbers = list(range(1, rows + 1))
    random.shuffle(numbers)
    lines: list[tuple[int, tuple[str, ...]]] = []
    person, basic_left_fen = "", 0
    for number, event in zip(numbers, events(random, book, rows), strict=True):
        if event.person != person:
            person, basic_left_fen = event.person, BASIC_CEILING_FEN
        values, basic_left_fen = book.row(random, event, basic_left_fen)
        lines.append((number, values))
    lines.sort()
    yield ("claim", *book.columns)
    for number, values in lines:
        yield (f"C{number:08d}", *values)


def as_text(lines: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Lines of a CSV; nothing in these files needs a quote."""
    return (",".join(line) + "\n" for line in lines)


def main() -> None:
    """Write the file that the command line asks for."""
    parser = argparse.ArgumentParser(description="Make a file of invented claims, the same for the same seed.")
    parser.add_argument("--policy", choices=tuple(BOOKS), required=True)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2013)
    parser.add_argument("-o", "--output", type=Path, help="the file to write; standard output without it")
    arguments = parser.parse_args()
    if arguments.rows < 0:
        parser.error("--rows must not be negative")
    text = as_text(claims(arguments.policy, arguments.rows, arguments.seed))
    if arguments.output is None:
        sys.stdout.writelines(text)
    else:
        with arguments.output.open("w", encoding="utf-8", newline="") as file:
            file.writelines(text)


if __name__ == "__main__":
    main()
