"""Certificates: what proofs rest on, checked here by two solvers that know nothing of this program."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cvc5
import pytest
import z3

from compiler.commands import certificates
from compiler.verify import solve
from compiler.verify.solve import EFFORT, Undecided, ask, recorded
from tests.command import DRAFT, ROOT, SMALL, Capture, tierproof

Z3 = Path(sysconfig.get_path("scripts")) / f"z3{sysconfig.get_config_var('EXE') or ''}"
"""The program that comes with the package, in a process of its own: it sees the file and nothing else."""

CVC5_EFFORT = 200_000
"""How much work one question may be for cvc5, in its own units; the hardest takes far less."""

MOST_UNDECIDED = 3
"""How many questions may be too hard for cvc5. There are none at present."""


@pytest.fixture(name="all_policies", scope="module")
def _all_policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates") / "policies"
    command = [sys.executable, "-m", "compiler.cli", "check", "policies", "--certificate", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return folder


def statuses(file: Path) -> list[str]:
    """The answers that a file says its questions must get."""
    lines = file.read_text("utf-8").splitlines()
    return [line.removeprefix("(set-info :status ").removesuffix(")") for line in lines if ":status" in line]


def by_z3(file: Path) -> list[str]:
    """What the program `z3` prints."""
    return subprocess.run([Z3, file], capture_output=True, text=True, check=False).stdout.splitlines()


def by_cvc5(file: Path) -> list[str]:
    """What cvc5 prints."""
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("rlimit-per", str(CVC5_EFFORT))
    reader = cvc5.InputParser(solver)
    reader.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, str(file))
    names = reader.getSymbolManager()
    return [line for command in _commands(reader) for line in command.invoke(solver, names).splitlines()]


def _commands(reader: Any) -> Iterator[Any]:
    while not (command := reader.nextCommand()).isNull():
        yield command


def check_small(capsys: Capture, tmp_path: Path, text: str = SMALL) -> Path:
    """Certificates of one policy."""
    policy = tmp_path / "small.policy"
    policy.write_text(text, "utf-8")
    tierproof(capsys, "check", policy, "--certificate", tmp_path / "proofs")
    return tmp_path / "proofs"


# Two solvers ----------------------------------------------------------------------------------------


def test_z3_by_itself_gives_every_answer_of_every_policy(all_policies: Path) -> None:
    found = {file: (by_z3(file), statuses(file)) for file in sorted(all_policies.glob("*/*.smt2"))}
    wrong = {file.name: answers for file, (answers, expected) in found.items() if answers != expected}
    assert wrong == {}
    assert sum(len(expected) for _, expected in found.values()) > 100


def test_cvc5_agrees_on_every_policy(all_policies: Path, capsys: Capture) -> None:
    counted: Counter[str] = Counter()
    for file in sorted(all_policies.glob("*/*.smt2")):
        answers, expected = by_cvc5(file), statuses(file)
        assert len(answers) == len(expected), (file.name, answers)
        for answer, wanted in zip(answers, expected, strict=True):
            assert answer in (wanted, "unknown"), (file.name, answer, wanted)
            counted[answer] += 1
    with capsys.disabled():
        sys.stdout.write(f"\ncvc5: {dict(counted)}\n")
    assert counted["unknown"] <= MOST_UNDECIDED
    assert counted["unsat"] > 50 and counted["sat"] > 20


def test_both_contradict_a_certificate_that_says_too_much(all_policies: Path, tmp_path: Path) -> None:
    (file,) = all_policies.glob("ningxia_critical_illness_2013/*-TP101-*.smt2")
    assert statuses(file) == ["unsat"]
    forged = tmp_path / "forged.smt2"
    text = file.read_text("utf-8")
    forged.write_text(text[: text.rindex("(assert")] + "(check-sat)\n", "utf-8")
    assert by_z3(forged)[0] == "sat" and "check annotation that says unsat" in by_z3(forged)[1]
    assert any("Expected result unsat but got sat" in line for line in by_cvc5(forged))


# What is written ------------------------------------------------------------------------------------


def test_every_property_says_what_it_rests_on(all_policies: Path) -> None:
    used: set[Path] = {*all_policies.glob("*/000-domain.smt2")}
    for index in all_policies.glob("*/index.json"):
        record = json.loads(index.read_text("utf-8"))
        assert record["some_claim_is_left"]["expected"] == ["sat"]
        for one in record["properties"]:
            for questions in one["questions"]:
                assert statuses(index.parent / questions["file"]) == questions["expected"]
                used.add(index.parent / questions["file"])
            if one["answer"] == "proved":
                assert (
                    one["besides"] or "unsat" in one["questions"][-1]["expected"] or one["code"] in ("TP103", "TP204")
                )
            elif one["answer"] == "allowed":
                assert one["witness"] and "  ->  " in one["claim"]
    assert used == {*all_policies.glob("*/*.smt2")}


def test_a_proof_by_contracts_names_the_contracts(all_policies: Path) -> None:
    record = json.loads((all_policies / "ningxia_critical_illness_2013" / "index.json").read_text("utf-8"))
    found = [one for one in record["properties"] if one["method"] == "layer contracts composed"]
    assert found
    for one in found:
        assert one["questions"][0]["file"] == "001-contracts.smt2"
        assert len(one["questions"]) == 2
    assert set(record["contracts"]["expected"]) == {"unsat"}


def test_the_index_says_of_which_policy_and_by_what(all_policies: Path) -> None:
    top = json.loads((all_policies / "index.json").read_text("utf-8"))
    assert top["solver"].startswith("z3 ")
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "policies").glob("*/*.policy")}
    assert {policy["policy"] for policy in top["policies"]} == {file for file in files if "/standards/" not in file}
    for policy in top["policies"]:
        record = json.loads((all_policies / policy["folder"] / "index.json").read_text("utf-8"))
        assert record["sha256"] == policy["sha256"]
        assert record["domain"] and record["assumptions"]
    there = {file.relative_to(all_policies).as_posix() for file in all_policies.rglob("*") if file.is_file()}
    assert there == set(top["files"])
    assert "for f in */*.smt2" in (all_policies / "README.md").read_text("utf-8")


def test_the_index_names_the_other_files_that_a_verdict_rests_on(all_policies: Path) -> None:
    records = [json.loads(file.read_text("utf-8")) for file in all_policies.glob("*/index.json")]
    named = [one for record in records for one in (*record["versions"], *record["standards"])]
    assert any("standard" in one for one in named) and any("policy" in one for one in named)
    for one in named:
        path = ROOT / one.get("policy", one.get("standard"))
        assert one["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_refuted_property_comes_with_its_claims(capsys: Capture, tmp_path: Path) -> None:
    tierproof(capsys, "check", DRAFT, "--certificate", tmp_path / "proofs")
    (index,) = (tmp_path / "proofs").glob("*/index.json")
    refuted = [one for one in json.loads(index.read_text("utf-8"))["properties"] if one["answer"] == "refuted"]
    assert [one["code"] for one in refuted].count("TP101") == 7
    assert all(one["witness"] and one["claim"] for one in refuted if one["code"] == "TP101")


def test_a_policy_about_no_claim_has_a_domain_that_cannot_be(capsys: Capture, tmp_path: Path) -> None:
    bounds = "cost        money up to 3\n  fund        money from 5 at most cost"
    folder = check_small(capsys, tmp_path, SMALL.replace("cost        money", bounds))
    (domain,) = folder.glob("*/000-domain.smt2")
    assert by_z3(domain) == statuses(domain) == ["unsat"]


# Nothing in between, and nothing of others ------------------------------------------------------------


def test_earlier_certificates_are_replaced(capsys: Capture, tmp_path: Path) -> None:
    folder = check_small(capsys, tmp_path)
    before = {file.relative_to(folder).as_posix() for file in folder.rglob("*")}
    check_small(capsys, tmp_path, SMALL.replace("policy small", "policy other"))
    after = {file.relative_to(folder).as_posix() for file in folder.rglob("*")}
    assert {name.replace("small", "other", 1) for name in before} == after
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["notes.txt", "small/notes.txt", "index.json"])
def test_a_folder_with_files_of_others_is_refused(capsys: Capture, tmp_path: Path, name: str) -> None:
    folder = check_small(capsys, tmp_path)
    (folder / name).write_text("mine")
    result = tierproof(capsys, "check", tmp_path / "small.policy", "--certificate", folder)
    assert result.code == 2
    # Without its index nothing in the folder is known to be a certificate.
    named = "README.md" if name == "index.json" else name
    assert f"holds files that are no certificates, such as {named}; " in result.err
    assert (folder / name).read_text() == "mine"


@pytest.mark.parametrize("inside", ["more", "small", "small/more"])
def test_a_folder_within_certificates_is_refused(capsys: Capture, tmp_path: Path, inside: str) -> None:
    folder = check_small(capsys, tmp_path)
    before = sorted(folder.rglob("*"))
    result = tierproof(capsys, "check", tmp_path / "small.policy", "--certificate", folder / inside)
    assert (result.code, "lies within the certificates in" in result.err) == (2, True)
    assert sorted(folder.rglob("*")) == before
    assert tierproof(capsys, "check", tmp_path / "small.policy", "--certificate", folder).code == 0


def test_a_file_or_a_link_in_the_place_of_the_folder_is_refused(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "small.policy").write_text(SMALL)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        result = tierproof(capsys, "check", tmp_path / "small.policy", "--certificate", tmp_path / name)
        assert result.code == 2
        assert "is no folder" in result.err


def test_a_failure_leaves_the_earlier_ones(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = check_small(capsys, tmp_path)
    before = (folder / "index.json").read_bytes()
    really = Path.write_text

    def full_disk(file: Path, *arguments: Any, **options: Any) -> int:
        if file.name == "index.json":
            raise OSError(28, "No space left on device")
        return really(file, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full_disk)
    result = tierproof(capsys, "check", tmp_path / "small.policy", "--certificate", folder)
    assert (result.code, "No space left on device" in result.err) == (2, True)
    assert (folder / "index.json").read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"small.policy", "proofs"}


def test_certificates_do_not_come_out_of_the_cache(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "small.policy").write_text(SMALL)
    tierproof(capsys, "check", tmp_path / "small.policy")
    folder = check_small(capsys, tmp_path)
    assert len(list(folder.glob("small/*.smt2"))) > 3


def test_versions_of_a_policy_have_a_folder_each(all_policies: Path) -> None:
    assert {folder.name for folder in all_policies.glob("ankang_critical_illness*")} == {
        "ankang_critical_illness-critical_illness_2016",
        "ankang_critical_illness-critical_illness_2019",
    }


# What is recorded -----------------------------------------------------------------------------------


def test_only_answers_within_the_block_are_recorded() -> None:
    x = z3.Int("x")
    ask([x > 0])
    with recorded() as asked:
        ask([x > 1, x < 1])
        with recorded() as inner:
            ask([x > 2])
        ask([x > 3], effort=EFFORT - 1)
        ask([True])
    ask([x > 4])
    assert [one.expected for one in asked] == ["unsat", "sat"]
    assert [one.expected for one in inner] == ["sat"]
    assert asked[0].text.splitlines()[0] == "(declare-fun x () Int)"
    assert asked[1].text == ""


def test_what_stayed_open_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "EFFORT", 1)
    x, y = z3.Ints("x y")
    with recorded() as asked:
        assert isinstance(ask([7 * x + 11 * y == 1, x > y, y > 5], effort=1), Undecided)
    assert asked == []


def test_a_slug_is_a_plain_name() -> None:
    assert certificates._plain("a/b: 费用 x") == "a_b_费用_x"
