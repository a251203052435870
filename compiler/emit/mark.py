"""Where a generated file comes from: what stands in its header, and what `build --check` compares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A policy file that a calculator was made from.

    path    of the policy file, as the user wrote it
    sha256  of the bytes of that file, in hexadecimal
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SourceMark:
    """Everything that a calculator was made from.

    path          of the policy file; where there are versions, of the latest
    sha256        of the bytes of that file, in hexadecimal
    tool_version  of the tool that made the calculator
    earlier       the files of earlier versions, in the order in which they came into force
    """

    path: str
    sha256: str
    tool_version: str
    earlier: tuple[SourceFile, ...] = ()

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The files of all versions, the latest last."""
        return (*self.earlier, SourceFile(self.path, self.sha256))
