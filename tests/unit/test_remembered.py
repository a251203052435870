"""Verdicts that are kept between runs: believed only whole, and only while nothing they follow from has changed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from compiler import driver
from compiler.commands import remembered
from compiler.commands.as_data import UnfitDataError, from_data, to_data
from compiler.commands.remembered import Memory
from compiler.driver import Loaded, Verdict
from compiler.findings import Finding, Refuted
from dsl.source import Source
from dsl.tree import Standard
from tests.command import DRAFT, ROOT, SMALL

STANDARD = """\
standard fair

# what everybody asks for
require
  benefit ratio at least 50%
  benefit ratio never falls
"""
CONFORMS = f"{SMALL}\n  conforms to fair\n"

COUNTS = """
import sys
from compiler.cli import exit_code
code = exit_code(sys.argv[1:])
print(code, sorted(name for name in ("z3", "compiler.verify.solve") if name in sys.modules))
"""


def in_a_process(cache: Path, *arguments: str | Path) -> list[str]:
    """What a new process prints, the last line being its exit code and which parts of the solver it has loaded."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COUNTS, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=cache)
    assert done.stderr == ""
    return done.stdout.splitlines()


def read(text: str, standard: str = STANDARD, path: str = "small.policy") -> Loaded:
    """A policy and the standard it may conform to."""
    (shelf,) = driver.load_all([Source("fair.policy", standard)], {})
    assert isinstance(shelf.standard, Standard)
    loaded = driver.load(Source(path, text), {"fair": shelf.standard})
    assert loaded.model is not None, loaded.diagnostics
    return loaded


@pytest.fixture(name="known")
def _known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    known = remembered.memory()
    assert known is not None
    return known


@pytest.fixture(name="proofs")
def _proofs(monkeypatch: pytest.MonkeyPatch) -> list[Loaded]:
    """Every policy that was really proved."""
    proved: list[Loaded] = []
    really = driver.prove

    def prove(loaded: Loaded) -> Verdict:
        proved.append(loaded)
        return really(loaded)

    monkeypatch.setattr(driver, "prove", prove)
    return proved


def entry(known: Memory) -> Path:
    """The only entry there is."""
    (found,) = known.folder.iterdir()
    return found


# What a user sees -----------------------------------------------------------------------------------


def test_a_second_check_does_no_solving(tmp_path: Path) -> None:
    policy = tmp_path / "small.policy"
    policy.write_text(SMALL, "utf-8")
    first = in_a_process(tmp_path, "check", policy, "--verbose")
    second = in_a_process(tmp_path, "check", policy, "--verbose")
    assert first[-1] == "0 ['compiler.verify.solve', 'z3']"
    assert second[-1] == "0 []"
    assert first[:-2] == second[:-2]
    assert in_a_process(tmp_path, "check", policy, "--no-cache")[-1] == "0 ['compiler.verify.solve', 'z3']"


def test_a_flaw_comes_out_of_the_cache_as_it_went_in(tmp_path: Path) -> None:
    first, second = (json.loads("\n".join(_json_of(tmp_path))) for _ in range(2))
    first["elapsed_ms"] = second["elapsed_ms"] = 0
    assert first == second
    assert first["errors"] > 0


def _json_of(tmp_path: Path) -> list[str]:
    return in_a_process(tmp_path, "check", DRAFT, "--format", "json")[:-1]


def test_two_processes_at_once_leave_one_whole_entry(tmp_path: Path) -> None:
    policy = tmp_path / "small.policy"
    policy.write_text(SMALL, "utf-8")
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COUNTS, "check", str(policy)]
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path) for _ in range(2)
    ]
    assert [process.communicate()[0].splitlines()[-1][0] for process in both] == ["0", "0"]
    assert len(list((tmp_path / "tierproof" / "verdicts").iterdir())) == 1
    assert in_a_process(tmp_path, "check", policy)[-1] == "0 []"


def test_nothing_is_kept_where_others_could_write(tmp_path: Path) -> None:
    (tmp_path / "tierproof").mkdir()
    (tmp_path / "tierproof").chmod(0o777)
    policy = tmp_path / "small.policy"
    policy.write_text(SMALL, "utf-8")
    for _ in range(2):
        assert in_a_process(tmp_path, "check", policy)[-1] == "0 ['compiler.verify.solve', 'z3']"
    assert list((tmp_path / "tierproof").iterdir()) == []


# What a verdict follows from ------------------------------------------------------------------------


def test_the_same_policy_is_proved_once(known: Memory, proofs: list[Loaded]) -> None:
    one, other = (remembered.prove(read(CONFORMS), known) for _ in range(2))
    assert one == other
    assert len(proofs) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("over 1,000", "over 1,001"),
        ("70%", "71%"),
        ("deductible 600", "deductible  600"),
        ("policy small", "policy smal"),
    ],
)
def test_any_other_byte_of_the_policy_is_another_policy(known: Memory, old: str, new: str) -> None:
    assert key(known, read(CONFORMS)) != key(known, read(CONFORMS.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"), [("50%", "51%"), ("  benefit ratio never falls\n", ""), ("# what everybody asks for\n", "")]
)
def test_a_standard_that_says_something_else_or_elsewhere_is_another_one(known: Memory, old: str, new: str) -> None:
    assert key(known, read(CONFORMS)) != key(known, read(CONFORMS, STANDARD.replace(old, new)))


def test_a_path_is_part_of_what_is_said(known: Memory) -> None:
    assert key(known, read(SMALL)) != key(known, read(SMALL, path="other.policy"))


def test_another_version_of_the_program_or_the_solver_proves_anew(
    known: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = {known.program}
    with monkeypatch.context() as patch:
        patch.setattr(remembered, "VERSION", "0.0.0")
        programs.add(_memory().program)
    with monkeypatch.context() as patch:
        patch.setattr("importlib.metadata.version", lambda _: "0.0.0")
        programs.add(_memory().program)
    with monkeypatch.context() as patch:
        really = Path.read_bytes
        patch.setattr(Path, "read_bytes", lambda file: really(file) + (b"#" if file.name == "solve.py" else b""))
        programs.add(_memory().program)
    assert len(programs) == 4
    keys = {key(replace(known, program=program), read(SMALL)) for program in programs}
    assert len(keys) == 4
    assert _memory() == known


def _memory() -> Memory:
    found = remembered.memory()
    assert found is not None
    return found


def key(known: Memory, loaded: Loaded) -> str:
    """The name of the entry of a policy."""
    assert loaded.model is not None
    return remembered.key_of(loaded, loaded.model, known)


# What is not believed -------------------------------------------------------------------------------


def _torn(text: str) -> str:
    return text[: len(text) // 2]


def _changed(text: str) -> str:
    assert "Proved" in text
    return text.replace("Proved", "Proven", 1)


def _no_text(_: str) -> str:
    return ""


@pytest.mark.parametrize("spoil", [_torn, _changed, _no_text])
def test_a_spoilt_entry_is_passed_over_and_written_anew(
    known: Memory, proofs: list[Loaded], spoil: Callable[[str], str]
) -> None:
    good = remembered.prove(read(SMALL), known)
    whole = entry(known).read_text("utf-8")
    entry(known).write_text(spoil(whole), "utf-8")
    assert remembered.prove(read(SMALL), known) == good
    assert len(proofs) == 2
    assert entry(known).read_text("utf-8") == whole


@pytest.fixture(name="patience")
def _patience() -> Iterator[None]:
    """Who waits for longer than a minute fails."""
    before = signal.signal(signal.SIGALRM, lambda _, __: pytest.fail("waited for a minute"))
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("patience")
def test_a_pipe_in_the_place_of_an_entry_is_not_waited_for(known: Memory, proofs: list[Loaded]) -> None:
    good = remembered.prove(read(SMALL), known)
    path = entry(known)
    path.unlink()
    os.mkfifo(path)
    assert remembered.prove(read(SMALL), known) == good
    assert len(proofs) == 2
    assert remembered.prove(read(SMALL), known) == good
    assert len(proofs) == 2


def test_an_entry_of_another_policy_is_passed_over(known: Memory, proofs: list[Loaded]) -> None:
    remembered.prove(read(SMALL), known)
    other = read(SMALL.replace("70%", "40%"))
    entry(known).rename(known.folder / f"{key(known, other)}.json")
    assert remembered.prove(other, known).errors == 1
    assert len(proofs) == 2


def test_a_claim_that_does_not_come_to_what_it_came_to_is_passed_over(known: Memory, proofs: list[Loaded]) -> None:
    falls = read(SMALL.replace("70%", "40%"))
    good = remembered.prove(falls, known)
    assert any(isinstance(finding, Refuted) for finding in good.findings)

    def poison(record: dict[str, object]) -> None:
        findings = from_data(record["findings"], tuple[Finding, ...])
        record["findings"] = to_data(tuple(_with_another_claim(finding) for finding in findings))

    _rewritten(entry(known), poison)
    assert remembered.prove(falls, known) == good
    assert len(proofs) == 2
    _rewritten(entry(known), lambda _: None)
    assert remembered.prove(falls, known) == good
    assert len(proofs) == 2, "an entry with a right checksum is believed, so the claim was what was noticed"


@pytest.mark.parametrize("code", ["TP101", "TP202", "TP203"])
def test_an_entry_that_leaves_a_flaw_out_is_passed_over(known: Memory, proofs: list[Loaded], code: str) -> None:
    flawed = read(SMALL.replace("70%", "40%"))
    good = remembered.prove(flawed, known)

    def poison(record: dict[str, object]) -> None:
        findings = from_data(record["findings"], tuple[Finding, ...])
        left = tuple(one for one in findings if one.property.code != code)
        assert len(left) < len(findings)
        record["findings"] = to_data(left)
        record["settled"] = remembered._settled(flawed.model, left) if flawed.model is not None else []

    _rewritten(entry(known), poison)
    assert remembered.prove(flawed, known) == good
    assert len(proofs) == 2


def _with_another_claim(finding: Finding) -> Finding:
    if not isinstance(finding, Refuted):
        return finding
    *before, last = finding.witness.claims
    changed = tuple((name, value + 1 if isinstance(value, int) else value) for name, value in last)
    return replace(finding, witness=replace(finding.witness, claims=(*before, changed)))


@pytest.mark.parametrize("findings", [[], [["Proved"]], [["Unheard", 1]], [None], "Proved", {"a": 1}])
def test_an_entry_of_the_wrong_form_is_passed_over(known: Memory, proofs: list[Loaded], findings: list[object]) -> None:
    good = remembered.prove(read(SMALL), known)

    def poison(record: dict[str, object]) -> None:
        record["findings"] = findings
        record["settled"] = [] if findings else ["no claim"]

    _rewritten(entry(known), poison)
    assert remembered.prove(read(SMALL), known) == good
    assert len(proofs) == 2


def _rewritten(path: Path, poison: Callable[[dict[str, object]], None]) -> None:
    """An entry with other contents and a right checksum."""
    record = json.loads(path.read_text("utf-8").partition("\n")[2])
    poison(record)
    body = json.dumps(record, ensure_ascii=False)
    checksum = hashlib.sha256(f"{path.name}\0{body}".encode()).hexdigest()
    path.write_text(f"{checksum}\n{body}", "utf-8")


def test_the_oldest_entries_go(known: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_ENTRIES", 2)
    for number in range(3):
        old = known.folder / f"{number}.json"
        old.write_text("")
        os.utime(old, (number, number))
    remembered.prove(read(SMALL), known)
    assert {file.name for file in known.folder.iterdir()} == {"2.json", f"{key(known, read(SMALL))}.json"}


# Findings as data -----------------------------------------------------------------------------------


def test_findings_of_every_kind_come_back_the_same(tmp_path: Path) -> None:
    seen: set[str] = set()
    for path in (DRAFT, *(ROOT / "tests" / "cases").rglob("*.policy")):
        loaded = driver.load(Source(path.name, path.read_text("utf-8")))
        findings = driver.prove(loaded).findings
        seen |= {type(finding).__name__ for finding in findings}
        data = json.loads(json.dumps(to_data(findings)))
        back = from_data(data, tuple[Finding, ...])
        assert repr(to_data(back)) == repr(to_data(findings))
        assert back == findings
    assert seen >= {"Proved", "Refuted", "Unknown"}


@pytest.mark.parametrize(
    ("data", "kind"),
    [(True, int), ("1", int), (1, str), (["date", "2013-02-30"], int | str), ([1], tuple[str, ...]), (None, str)],
)
def test_data_of_another_type_is_refused(data: object, kind: object) -> None:
    with pytest.raises(UnfitDataError):
        from_data(data, kind)
