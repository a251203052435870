"""The words of the diagnostics: a catalogue in one language, read from `messages/`.

A message that is missing, or a placeholder that nobody fills, is our own mistake and an assertion.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dsl.diagnostics import Diagnostic

LANGUAGES: tuple[str, ...] = ("en",)
"""The languages that have a catalogue; the first is the one that `auto` falls back to."""

_FOLDER = Path(__file__).parent / "messages"


@dataclass(frozen=True, slots=True)
class Entry:
    """The words of one code, or of one of its variants. Empty where it has none of its own."""

    message: str
    help: str
    proved: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All words of one language, keyed by `CODE` and `CODE.variant`."""

    language: str
    entries: Mapping[str, Entry]

    def message(self, diagnostic: Diagnostic) -> str:
        """The sentence after the code."""
        text = self._entry(diagnostic.key).message
        assert text, f"no message for {diagnostic.key} in {self.language}.toml"
        return fill(text, diagnostic.params, diagnostic.key)

    def help(self, diagnostic: Diagnostic) -> str:
        """What the user can do about it; empty where the catalogue has nothing to say."""
        return fill(self._entry(diagnostic.key).help, diagnostic.params, diagnostic.key)

    def label(self, diagnostic: Diagnostic, key: str) -> str:
        """The words beside a label: the variant's own, else those of its code. Empty for the empty key."""
        if not key:
            return ""
        for name in (diagnostic.key, diagnostic.code):
            text = self._entry(name).labels.get(key) if name in self.entries else None
            if text is not None:
                return fill(text, diagnostic.params, f"{name}.labels.{key}")
        raise AssertionError(f"no label `{key}` for {diagnostic.key} in {self.language}.toml")

    def proved(self, code: str, variant: str = "") -> str:
        """The property that a check shows, in words, such as `every amount that can be paid lies in a band`."""
        key = f"{code}.{variant}" if variant else code
        text = self._entry(key).proved
        assert text, f"no `proved` for {key} in {self.language}.toml"
        return text

    def _entry(self, key: str) -> Entry:
        assert key in self.entries, f"no entry {key} in {self.language}.toml"
        return self.entries[key]


def fill(text: str, params: Iterable[tuple[str, str]], key: str) -> str:
    """Put the params into a message. A placeholder without a param is an assertion that names the message's key."""
    values = dict(params)
    missing = placeholders(text) - values.keys()
    assert not missing, f"{key} wants {sorted(missing)}, the diagnostic has only {sorted(values)}"
    return text.format_map(values)


def placeholders(text: str) -> frozenset[str]:
    """The names in braces of a message."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def read_catalogue(language: str, text: str) -> Catalogue:
    """Read a catalogue from its TOML text. Anything that is no message, help, proved or label is an assertion."""
    entries: dict[str, Entry] = {}
    for code, table in tomllib.loads(text).items():
        assert isinstance(table, dict), f"{code} is no table"
        variants = {name: value for name, value in table.items() if isinstance(value, dict) and name != "labels"}
        own = {name: value for name, value in table.items() if name not in variants}
        entries[code] = _entry(code, own)
        for name, variant in variants.items():
            entries[f"{code}.{name}"] = _entry(f"{code}.{name}", variant)
    return Catalogue(language, entries)


def _entry(key: str, table: Mapping[str, object]) -> Entry:
    labels = table.get("labels", {})
    assert isinstance(labels, dict), f"{key}.labels is no table"
    for name, value in [*table.items(), *labels.items()]:
        assert isinstance(value, str) or name == "labels", f"{key}.{name} is no text"
        assert name in labels or name in ("message", "help", "proved", "labels"), f"{key} has an unknown part {name}"
    words = {name: value for name, value in table.items() if isinstance(value, str)}
    return Entry(words.get("message", ""), words.get("help", ""), words.get("proved", ""), labels)


@cache
def load_catalogue(language: str = "auto") -> Catalogue:
    """The catalogue of a language of LANGUAGES; `auto` is the first of them until the locale is asked."""
    name = LANGUAGES[0] if language == "auto" else language
    assert name in LANGUAGES, f"no catalogue for {name}"
    return read_catalogue(name, (_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
