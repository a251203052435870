"""The documents say what is there: commands print what is shown, files that are named exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/language.md", "examples/claims/README.md")

FENCED = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED_FILE = re.compile(r"`((?:dsl|compiler|policies|generated|examples|tests|docs|benchmarks|\.ci)/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return [found["text"] for found in FENCED.finditer(text) if found["kind"] == kind]


def without_times(text: str) -> str:
    """Output with every time taken replaced by the same one."""
    return re.sub(r"in \d+\.\d s", "in 0.0 s", text)


@pytest.mark.parametrize("shown", blocks(README, "console"))
def test_the_readme_shows_what_the_command_prints(shown: str) -> None:
    """The whole output, or its beginning up to an empty line."""
    command, _, output = shown.partition("\n")
    assert command.startswith("$ tierproof ")
    arguments = command.removeprefix("$ tierproof ").split()
    done = subprocess.run(
        [sys.executable, "-m", "compiler.cli", *arguments], cwd=REPOSITORY, capture_output=True, encoding="utf-8"
    )
    assert without_times(done.stdout.partition("\n\n")[0].rstrip()) == without_times(output.rstrip())


@pytest.mark.parametrize("program", blocks(README, "python"))
def test_the_readme_shows_what_the_python_calculators_give(program: str, tmp_path: Path) -> None:
    promised = [line.removeprefix("# ") for line in program.splitlines() if re.fullmatch(r"# [\[\]\d ]+", line)]
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        env={
            "PYTHONPATH": os.pathsep.join(str(REPOSITORY / "generated" / folder) for folder in ("python", "numpy")),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert promised
    assert done.stdout.splitlines() == promised


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    named = {REPOSITORY / name for name in NAMED_FILE.findall(text)}
    linked = {(REPOSITORY / document).parent / name for name in LINK.findall(text)}
    assert named | linked
    assert [path for path in sorted(named | linked) if not path.exists()] == []


def test_decisions_are_all_listed() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}
