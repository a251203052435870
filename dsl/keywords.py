"""The words of the language: one table, from which the parser makes its terminals and its messages.

A word may be a phrase; between its parts any blanks may stand. All of them are reserved: no fact, amount, benefit or
category may be called so.
"""

from __future__ import annotations

import re

WORDS: dict[str, str] = {
    "POLICY": "policy",
    "STANDARD": "standard",
    "TITLE": "title",
    "SOURCE": "source",
    "CURRENCY": "currency",
    "IN_FORCE": "in force",
    "STATUS_DRAFT": "status draft",
    "CONFORMS_TO": "conforms to",
    "FOR": "for",
    "BY": "by",
    "CLAIM": "claim",
    "PARAMETER": "parameter",
    "OTHERWISE": "otherwise",
    "AMOUNT": "amount",
    "BENEFIT": "benefit",
    "SPLIT": "split",
    "OF": "of",
    "ADDED_UP": "added up",
    "DEDUCTIBLE": "deductible",
    "THRESHOLD": "threshold",
    "PAY": "pay",
    "IN_SLICES_OF_THE_AMOUNT": "in slices of the amount",
    "IN_SLICES_ABOVE_THE_DEDUCTIBLE": "in slices above the deductible",
    "ON_THE_WHOLE_AMOUNT": "on the whole amount",
    "ON_THE_WHOLE_AMOUNT_ABOVE_THE_DEDUCTIBLE": "on the whole amount above the deductible",
    "BETWEEN": "between",
    "UNKNOWN": "unknown",
    "CAP": "cap",
    "CAP_BASE": "cap base",
    "ROUND_HALF_UP": "round half up to",
    "ROUND_HALF_EVEN": "round half even to",
    "ROUND_UP": "round up to",
    "ROUND_DOWN": "round down to",
    "FROM": "from",
    "OVER": "over",
    "TO": "to",
    "TO_UNDER": "to under",
    "UNDER": "under",
    "UP_TO": "up to",
    "PER": "per",
    "PER_CLAIM": "per claim",
    "PER_CALENDAR_YEAR": "per calendar year",
    "PER_MONTH": "per month",
    "PER_LIFETIME": "per lifetime",
    "STACK": "stack",
    "THEN": "then",
    "THE_LARGER_OF": "the larger of",
    "LEFT": "left",
    "REQUIRE": "require",
    "RATIO": "ratio",
    "NEVER_FALLS": "never falls",
    "NEVER_FALLS_AS": "never falls as",
    "NEVER_RISES_AS": "never rises as",
    "RISES": "rises",
    "AT_LEAST": "at least",
    "AT_MOST": "at most",
    "NEVER_BELOW": "never below",
    "ALWAYS": "always",
    "ORDER_OF": "order of",
    "MAKES_NO_DIFFERENCE": "makes no difference",
    "SOME_CLAIM_REACHES": "some claim reaches",
    "ALLOW": "allow",
    "RATIO_FALLS": "ratio falls",
    "OWN_SHARE": "own share",
    "OWN_SHARE_FALLS": "own share falls",
    "PAYMENT_DEPENDS_ON_SPLITTING": "payment depends on splitting",
    "WORSE_OFF": "worse off",
    "BECAUSE": "because",
    "EXAMPLE": "example",
    "EXPECT": "expect",
    "MIN": "min",
    "MAX": "max",
    "IF": "if",
    "ELSE": "else",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "IS": "is",
    "IS_ONE_OF": "is one of",
}
"""Terminal of the grammar -> the word or phrase as a drafter writes it."""

BLOCKS = ("CLAIM", "PARAMETER", "AMOUNT", "BENEFIT", "SPLIT", "STACK", "REQUIRE", "ALLOW", "EXAMPLE")
"""The words that a block of a policy begins with."""

OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "limit": ("CAP",),
    "maximum": ("CAP",),
    "max": ("UP_TO", "AT_MOST", "CAP"),
    "ceiling": ("CAP",),
    "franchise": ("DEDUCTIBLE",),
    "excess": ("DEDUCTIBLE",),
    "pays": ("PAY",),
    "reimburse": ("PAY",),
    "coverage": ("BENEFIT",),
    "layer": ("BENEFIT",),
    "facts": ("CLAIM",),
    "draft": ("STATUS_DRAFT",),
    "more than": ("OVER",),
    "greater than": ("OVER",),
    "above": ("OVER",),
    "less than": ("UNDER", "TO_UNDER"),
    "below": ("UNDER", "TO_UNDER"),
    "up to": ("TO", "AT_MOST"),
    "until": ("TO",),
    "through": ("TO",),
    "no more than": ("AT_MOST",),
    "not more than": ("AT_MOST",),
    "at least": ("FROM",),
    "starting at": ("FROM",),
    "equals": ("IS",),
    "in": ("IS_ONE_OF",),
    "otherwise": ("ELSE",),
    "since": ("BECAUSE",),
    "reason": ("BECAUSE",),
    "increases": ("RISES",),
    "grows": ("RISES",),
    "never decreases as": ("NEVER_FALLS_AS",),
    "never drops as": ("NEVER_FALLS_AS",),
    "never increases as": ("NEVER_RISES_AS",),
    "never decreases": ("NEVER_FALLS",),
    "never drops": ("NEVER_FALLS",),
    "<=": ("AT_MOST",),
    ">=": ("AT_LEAST",),
    "<": ("TO_UNDER",),
    ">": ("OVER",),
    "-": ("TO",),
}
"""What other documents and languages say -> the terminals that may be meant, the first that fits its place."""

OTHERS: dict[str, str] = {
    "NAME": "a name",
    "NUMBER": "an amount",
    "PERCENT": "a ratio such as 50%",
    "DATE": "a date such as 2013-01-31",
    "PER_POLICY_YEAR": "`per policy year from 12-01`",
    "STRING": 'a text in "quotation marks"',
    "_NL": "the end of the line",
    "_INDENT": "an indented line",
    "_DEDENT": "the end of the block",
    "$END": "the end of the file",
    "COMMA": "`,`",
    "COLON": "`:`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "EQUAL": "`=`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "VBAR": "`|`",
    "LESSTHAN": "`<`",
    "MORETHAN": "`>`",
    "__ANON_0": "`<=`",
    "__ANON_1": "`>=`",
}
"""What the other terminals are called when a message says what may stand in a place."""


def pattern(phrase: str) -> str:
    """A regular expression for a word or phrase, whole words only."""
    return r"[ \t]+".join(re.escape(word) for word in phrase.split()) + r"(?!\w)"


def described(terminal: str) -> str:
    """What a terminal is called in a message."""
    word = WORDS.get(terminal)
    return f"`{word}`" if word is not None else OTHERS.get(terminal, "something else")
