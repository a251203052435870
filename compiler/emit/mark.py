"""Where a generated file comes from: what stands in its header, and what `build --check` compares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceMark:
    """The policy file that a calculator was made from.

    path          of the policy file, as the user wrote it
    sha256        of the bytes of that file, in hexadecimal
    tool_version  of the tool that made the calculator
    """

    path: str
    sha256: str
    tool_version: str
