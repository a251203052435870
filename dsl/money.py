"""Exact money: whole numbers of the smallest unit, exact ratios, and the four ways to round.

Nothing here, or anywhere that holds an amount, is a float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import assert_never

DOMAIN_TOP = 10**13
"""The largest amount, in minor units, that a fact or a running total may have unless a policy says less."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and how many decimal digits its smallest unit has (ISO 4217 "minor unit")."""

    code: str
    digits: int

    @property
    def minor_per_major(self) -> int:
        """How many of the smallest unit make one of the currency: 100 fen are one yuan."""
        return int(10**self.digits)


_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
        COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
        IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
        MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
        SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
        WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
}
"""Digits of the smallest unit -> the currencies in use (ISO 4217, list one), without funds, metals and test codes."""

CURRENCIES: dict[str, Currency] = {
    code: Currency(code, digits) for digits, codes in _CODES.items() for code in codes.split()
}
"""The currencies a policy may name (ISO 4217)."""


class RoundingMode(Enum):
    """How an exact amount becomes a multiple of the rounding unit."""

    HALF_UP = "half up"
    HALF_EVEN = "half even"
    DOWN = "down"
    UP = "up"


def round_to_unit(value: Fraction, mode: RoundingMode, unit: int) -> int:
    """Round an exact amount of minor units to a multiple of `unit` minor units.

    Up means towards plus infinity and down towards minus infinity, for negative values too, so
    rounding never changes the order of two amounts.
    """
    steps = value / unit
    floor = steps.numerator // steps.denominator
    rest = steps - floor
    match mode:
        case RoundingMode.DOWN:
            up = False
        case RoundingMode.UP:
            up = rest > 0
        case RoundingMode.HALF_UP:
            up = rest >= Fraction(1, 2)
        case RoundingMode.HALF_EVEN:
            up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and floor % 2 == 1)
        case _:
            assert_never(mode)
    return (floor + up) * unit


def format_money(minor: int, currency: Currency) -> str:
    """Write minor units as people read them: 2000050 fen is `20,000.50`."""
    sign = "-" if minor < 0 else ""
    major, rest = divmod(abs(minor), currency.minor_per_major)
    decimals = f".{rest:0{currency.digits}d}" if currency.digits else ""
    return f"{sign}{major:,}{decimals}"


_AMOUNT = re.compile(r"(?P<major>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?", re.ASCII)


def parse_money(text: str, currency: Currency) -> int:
    """Read `20,000.50` as minor units, exactly.

    Raises ValueError where the text is no amount, or is finer than the smallest unit.
    """
    matched = _AMOUNT.fullmatch(text)
    if matched is None:
        raise ValueError(f"not an amount: {text!r}")
    decimals = (matched["decimals"] or "").rstrip("0")
    if len(decimals) > currency.digits:
        raise ValueError(f"finer than the smallest unit of {currency.code}: {text!r}")
    return int(matched["major"].replace(",", "") + decimals.ljust(currency.digits, "0"))


def format_ratio(ratio: Fraction) -> str:
    """Write a ratio in percent where that is exact (`52%`, `12.5%`), else as a fraction (`1/3`)."""
    percent = ratio * 100
    scaled = percent * 10_000
    if scaled.denominator != 1:
        return f"{ratio.numerator}/{ratio.denominator}"
    digits = f"{abs(scaled.numerator) // 10_000}.{abs(scaled.numerator) % 10_000:04d}".rstrip("0").rstrip(".")
    return f"{'-' if percent < 0 else ''}{digits}%"
