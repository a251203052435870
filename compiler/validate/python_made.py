"""The functions of a Python calculator that the policy's names make: who is settled when, what is read and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from compiler.model import CLAIM_NUMBER, CategoryFact, CountFact, DateFact, IdentifierFact, Model, MoneyFact


def made_functions(
    model: Model, claim: Mapping[str, str], types: Mapping[str, str], columns: Mapping[str, str]
) -> Mapping[str, str]:
    """The text of each of these functions, by its name.

    `claim` and `columns` are the attributes of a claim and of a settlement by what they hold, `types` the types that a
    claim's have.
    """
    readers = {
        f"_{claim[fact.name]}_word": _reader(fact, claim[fact.name], types[fact.name])
        for fact in model.facts
        if isinstance(fact, CategoryFact)
    }
    return {
        "settle_all": _settle_all(model, claim),
        "claim_from_mapping": _claim_from_mapping(model, claim),
        "_row_of": _row_of(columns),
        **readers,
    }


def _settle_all(model: Model, claim: Mapping[str, str]) -> str:
    """`settle_all`: the claims in the order that running totals count them, duplicates left out."""
    totals = model.running_totals
    by_key = [(total.key, total.date_fact, CLAIM_NUMBER) for total in totals]
    same = list(dict.fromkeys(", ".join(f"claim.{claim[name]}" for name in names) for names in by_key))
    order = ", ".join(
        f"book[row].{claim[name]}" for name in (*dict.fromkeys(one.date_fact for one in totals), CLAIM_NUMBER)
    )
    lines = [
        "def settle_all(claims: Iterable[Claim]) -> tuple[tuple[Settlement, ...], tuple[Rejected, ...]]:",
        "    book = tuple(claims)",
        "    broken = {row: reason for row, claim in enumerate(book) if (reason := _broken_rule(claim)) is not None}",
        "    remaining = [row for row in range(len(book)) if row not in broken]",
    ]
    if totals:
        for place, names in enumerate(same, 1):
            lines.append(f"    times_{place} = Counter(({names}) for claim in (book[row] for row in remaining))")
        lines += ["    for row in tuple(remaining):", "        claim = book[row]"]
        for place, names in enumerate(same, 1):
            lines += [f"        if times_{place}[{names}] > 1:", '            broken[row] = ("claim", "duplicate")']
        lines += [
            "    remaining = [row for row in remaining if row not in broken]",
            f"    remaining.sort(key=lambda row: ({order}))",
        ]
    lines += [
        "    ledger: Ledger = {}",
        "    settled: dict[int, Settlement] = {}",
        "    for row in remaining:",
        "        try:",
        "            settled[row] = _settle(book[row], ledger)",
        "        except ClaimError as error:",
        "            broken[row] = (error.field, error.reason)",
        "    return (",
        "        tuple(settled[row] for row in sorted(settled)),",
        "        tuple(Rejected(row, _number(book[row].claim), *broken[row]) for row in sorted(broken)),",
        "    )",
    ]
    return "\n".join(lines)


def _row_of(columns: Mapping[str, str]) -> str:
    cells = [
        f"settled.{attribute}" if name == CLAIM_NUMBER else f"_major_units(settled.{attribute})"
        for name, attribute in columns.items()
    ]
    return f"def _row_of(settled: Settlement) -> tuple[str, ...]:\n    return ({', '.join(cells)},)"


def _claim_from_mapping(model: Model, claim: Mapping[str, str]) -> str:
    fields = [f"{claim[CLAIM_NUMBER]}=_text_of(mapping, {CLAIM_NUMBER!r})"]
    for fact in model.facts:
        match fact:
            case IdentifierFact(name):
                read = f"_text_of(mapping, {name!r})"
            case MoneyFact(name, lowest, highest):
                read = f"_money_of(mapping, {name!r}, {lowest}, {highest})"
            case CountFact(name, lowest, highest):
                read = f"_count_of(mapping, {name!r}, {lowest}, {highest})"
            case CategoryFact(name):
                read = f"_{claim[name]}_word(mapping, {name!r})"
            case DateFact(name):
                read = f"_date_of(mapping, {name!r})"
            case _:
                assert_never(fact)
        fields.append(f"{claim[fact.name]}={read}")
    return (
        "def claim_from_mapping(mapping: Mapping[str, object]) -> Claim:\n"
        "    for name in mapping:\n        if name not in FIELDS:\n"
        f'            raise ClaimError(str(name), "unknown field")\n    return Claim({", ".join(fields)})'
    )


def _reader(fact: CategoryFact, attribute: str, type_: str) -> str:
    tests = "".join(f"    if value == {word!r}:\n        return {word!r}\n" for word in fact.values)
    return (
        f"def _{attribute}_word(mapping: Mapping[str, object], field: str) -> {type_}:\n"
        "    value = mapping.get(field)\n    if isinstance(value, str):\n"
        f'        value = value.strip(" ")\n{tests}'
        f'    raise ClaimError(field, "missing" if value == "" else _word_reason(value, _{attribute}_words)'
        ' or "wrong type")\n'
    )
