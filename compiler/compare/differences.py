"""Everything that there is to say about two policies side by side."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.compare.clauses import Change, changed_clauses
from compiler.compare.compare import compare
from compiler.compare.result import Comparison
from compiler.model import Model
from dsl.source import Source


@dataclass(frozen=True, slots=True)
class Differences:
    """What two policies pay differently, and the clauses that are not the same."""

    found: Comparison
    clauses: tuple[Change, ...]


def differences(old: Model, old_text: Source, new: Model, new_text: Source) -> Differences:
    """Compare two policies and their texts. Raises `DifferentDomain` where they are about different claims."""
    return Differences(compare(old, new), changed_clauses(old, old_text, new, new_text))
