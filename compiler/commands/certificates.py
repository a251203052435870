"""What proofs rest on, in files that anybody can check with a solver of their own and without this program.

DIR/README.md            how
DIR/index.json           which files there are, and of which policies
DIR/<policy>/index.json  each property: how it was shown, by which questions, and what is argued besides them
DIR/<policy>/*.smt2      the questions, each with the answer that it must get
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, assert_never

from compiler import driver
from compiler.commands import files, report
from compiler.commands.assumed import OF_EVERY_POLICY, assumptions
from compiler.commands.project import Project
from compiler.driver import Loaded
from compiler.findings import Finding, NotAsked, Proved, Refuted, Unknown
from compiler.model import CategoryFact, CountFact, DateFact, Fact, IdentifierFact, MoneyFact
from compiler.version import VERSION
from dsl.catalogue import Catalogue, load_catalogue
from dsl.render import printable

if TYPE_CHECKING:
    from compiler.verify.record import Asked, Record

INDEX = "index.json"
README = "README.md"
FORM = 1
"""Of the indexes; counted up when a reader of an older one would go wrong."""

DOMAIN_FILE = "000-domain.smt2"
CONTRACTS_FILE = "001-contracts.smt2"

BY_CONTRACTS = (
    "Of each layer the contracts say what holds of two arguments one unit apart; that it then holds of any two follows "
    "by induction. Of a table that is a row of lines the question is the lemma of the rounded slope; the steps between "
    "its lines are computed. The questions of the property speak of the layers only through the contracts."
)
"""What a proof by contracts rests on besides the solver."""

BESIDES: tuple[tuple[str, str], ...] = (
    (
        "integer sweep",
        "The ends of the bands are sorted and compared as whole numbers. A question, where there is one, asks for an "
        "amount that escapes.",
    ),
    (
        "slope lemma",
        "A ratio that nobody knows is replaced by what is paid for it, of which all is said that holds for every value "
        "of the ratio.",
    ),
    ("running totals telescope", "The payments of a period are differences of one function: so is their sum."),
    (
        "the claims of a period as one",
        "Every amount behind is a sum, a difference or f(S) - f(P) over one period, so the claims of a period come to "
        "together what one claim of all of them does. The question is about that claim.",
    ),
    ("the same formulas in either order", "Whichever layer pays first, every amount has the same formula."),
    ("a share of amounts", "A share of a sum is the sum of the shares, but for the rounding of each."),
    ("exact ratios compared", "Ratios are fractions; neighbours are compared exactly, without a solver."),
    ("every combination of words", "There are finitely many, and each was looked up in the table."),
    ("settled by the reference interpreter", "The example was computed, and came to what it must."),
    ("a long history of claims", "The same claim was settled many times over, and came to the cap."),
    ("a claim that it cuts", "The claim was settled by the reference interpreter, and with a higher cap is paid more."),
    ("a claim for every band", "For every band a claim was settled by the reference interpreter that comes to it."),
    ("a claim that reaches it", "The claim was settled by the reference interpreter. The question only found it."),
)
"""For a part of the name of a method, what else it rests on besides the solver."""

ARGUED = "The argument stands under the name of the method in docs/verification.md; no solver was asked."

HOW = """\
# Certificates

What the proofs of these policies rest on, so that they can be checked without Tierproof. There is a folder for each
policy. Its `index.json` lists the properties with the method that showed each, the questions that it rests on, and what
is argued besides them. Every question is SMT-LIB 2 text; `unsat` means that no claim has the flaw that it describes,
`sat` that some claim does what is asked for. A property may also have a question that is `sat` because a cheaper method
did not suffice; another one behind it then did.

To ask all questions again with [Z3](https://github.com/Z3Prover/z3), in this folder:

    for f in */*.smt2; do echo "$f"; z3 "$f"; done

Each question says which answer it must get (`:status`), and Z3 reports an error where its own is another one. Any
solver for linear arithmetic over whole and real numbers will do, such as cvc5, which reports the same:

    for f in */*.smt2; do echo "$f"; cvc5 "$f"; done

What no solver can check is that the questions mean what the policy says: see `docs/verification.md` of the program,
under *What is trusted*. A refuted property has its claims in the index: settle them by hand, or with `calc`.
"""


@dataclass(frozen=True, slots=True)
class Certified:
    """A policy whose proofs are to be certified: the SHA-256 of its file, and what was asked.

    versions   the other versions of the policy, each with the SHA-256 of its file: claims of a period may be theirs
    standards  the files of the standards that it conforms to, likewise
    """

    loaded: Loaded
    sha256: str
    record: Record
    versions: tuple[tuple[str, str], ...]
    standards: tuple[tuple[str, str], ...]


def certify(loaded: Loaded, project: Project) -> Certified:
    """Prove a policy anew, and keep what was asked; `project` has its other versions and its standards."""
    assert loaded.model is not None
    beside = (group for group in project.policies if loaded in group)
    versions = tuple(
        (other.source.path, project.source_file(other).sha256)
        for group in beside
        for other in group
        if other is not loaded
    )
    rules = (rule for one in loaded.model.conformities for rule in one.requirements)
    standards = tuple(
        (path, files.read_policy(Path(path)).sha256) for path in dict.fromkeys(rule.span.path for rule in rules)
    )
    record = driver.prove_on_record(loaded.model)
    return Certified(loaded, project.source_file(loaded).sha256, record, versions, standards)


def refuse_what_is_not_ours(folder: Path) -> None:
    """Raises WrongUse where something is in the way that earlier certificates did not put there."""
    for around in folder.absolute().parents:
        if _ours(around):
            raise files.WrongUse(
                f"{files.shown(folder)} lies within the certificates in {files.shown(around)}, which are replaced as a "
                "whole; give a folder beside them"
            )
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir() or folder.is_symlink():
        raise files.WrongUse(f"{files.shown(folder)} is no folder; certificates are written to a folder of their own")
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    others = sorted(there - _ours(folder))
    if others:
        raise files.WrongUse(
            f"{files.shown(folder)} holds files that are no certificates, such as {printable(others[0])}; "
            "give a new folder, or empty this one"
        )


def _ours(folder: Path) -> frozenset[str]:
    try:
        record = json.loads((folder / INDEX).read_text("utf-8"))
        return frozenset(record["files"]) if record["certificates"] == FORM else frozenset()
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def write(folder: Path, certified: Sequence[Certified]) -> int:
    """Write the certificates of some policies to a folder, in the place of earlier ones; gives how many questions.

    Everything is written beside the folder first, and takes its name when it is whole. Raises WrongUse where the
    folder holds anything else, or cannot be written.
    """
    refuse_what_is_not_ours(folder)
    texts = _all_files(certified)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", suffix=".part", dir=folder.parent))
        try:
            new = beside / "new"
            for name, text in texts.items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                (new / name).write_text(text, "utf-8", newline="\n")
            if folder.exists():
                folder.rename(beside / "old")
            new.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise files.WrongUse(f"{files.shown(folder)} cannot be written: {error.strerror or error}") from error
    return sum(text.count("(check-sat)") for name, text in texts.items() if name.endswith(".smt2"))


def _all_files(certified: Sequence[Certified]) -> dict[str, str]:
    catalogue = load_catalogue("en")
    names = _folders([one.loaded for one in certified])
    texts = {README: HOW}
    for name, one in zip(names, certified, strict=True):
        texts |= {f"{name}/{file}": text for file, text in _policy_files(one, catalogue).items()}
    policies = [
        {"folder": name, "policy": one.loaded.source.path, "sha256": one.sha256}
        for name, one in zip(names, certified, strict=True)
    ]
    listed = sorted([*texts, INDEX])
    return {**texts, INDEX: _json({"certificates": FORM, **_made_by(), "policies": policies, "files": listed})}


def _folders(loaded: Sequence[Loaded]) -> list[str]:
    """A folder for each policy: its name, for versions of one policy that of the file, and a number if need be."""
    ids = [one.model.id for one in loaded if one.model is not None]
    assert len(ids) == len(loaded)
    names = [
        name if ids.count(name) == 1 else f"{name}-{_plain(PurePath(one.source.path).stem)}"
        for name, one in zip(ids, loaded, strict=True)
    ]
    seen: Counter[str] = Counter()
    found: list[str] = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


def _made_by() -> dict[str, str]:
    return {"tierproof": VERSION, "solver": f"z3 {metadata.version('z3-solver')}"}


# One policy ---------------------------------------------------------------------------------------------


def _policy_files(certified: Certified, catalogue: Catalogue) -> dict[str, str]:
    model, record = certified.loaded.model, certified.record
    assert model is not None
    path = certified.loaded.source.path
    texts: dict[str, str] = {}
    if record.domain:
        texts[DOMAIN_FILE] = _script(f"{path}: the bounds of the policy leave a claim", record.domain)
    if record.contracts:
        texts[CONTRACTS_FILE] = _script(f"{path}: what each layer promises", record.contracts)
    properties: list[dict[str, object]] = []
    for number, answered in enumerate(record.answered, start=2):
        first = answered.findings[0].property
        file = f"{number:03d}-{first.code}-{_plain(first.subject)}.smt2"
        if answered.questions:
            said = dict.fromkeys(report.statement(one.property, catalogue) for one in answered.findings)
            texts[file] = _script("\n".join(f"{path}: {first.code} {one}" for one in said), answered.questions)
        own = [_questions(file, answered.questions)] if answered.questions else []
        properties += [_property(one, own, record, catalogue) for one in answered.findings]
    index = {
        "certificates": FORM,
        **_made_by(),
        "policy": path,
        "sha256": certified.sha256,
        "versions": [{"policy": name, "sha256": digest} for name, digest in certified.versions],
        "standards": [{"standard": name, "sha256": digest} for name, digest in certified.standards],
        "id": model.id,
        "title": model.title,
        "minor_units": model.currency.minor_per_major,
        "domain": {fact.name: _domain(fact) for fact in model.facts},
        "assumptions": [OF_EVERY_POLICY, *(one.text for one in assumptions(model))],
        "some_claim_is_left": _questions(DOMAIN_FILE, record.domain) if record.domain else None,
        "contracts": _questions(CONTRACTS_FILE, record.contracts) if record.contracts else None,
        "properties": properties,
    }
    return {**texts, INDEX: _json(index)}


def _property(
    finding: Finding, own: list[dict[str, object]], record: Record, catalogue: Catalogue
) -> dict[str, object]:
    asked = finding.property
    said: dict[str, object] = {
        "code": asked.code,
        "subject": asked.subject,
        "column": asked.column or None,
        "property": catalogue.proved(asked.code, asked.variant),
        "line": asked.span.line,
    }
    match finding:
        case Proved(method=method, by_contracts=by_contracts):
            promised = [_questions(CONTRACTS_FILE, record.contracts)] if by_contracts and record.contracts else []
            besides = [BY_CONTRACTS] if by_contracts else []
            besides += [words for part, words in BESIDES if part in method]
            questions = [*promised, *own]
            rests_on = {"questions": questions, "besides": besides or ([] if questions else [ARGUED])}
            return {"answer": "proved", **said, "method": method, **rests_on}
        case Refuted(diagnostic=diagnostic, witness=witness, allowance=allowance):
            return {
                "answer": "refuted" if allowance is None else "allowed",
                **said,
                "claim": diagnostic.claim,
                "witness": report.witness_record(witness),
                "questions": own,
                "besides": ["The claims were settled by the reference interpreter. The questions only found them."],
            }
        case Unknown(reason=reason):
            return {"answer": "unknown", **said, "reason": reason, "questions": own}
        case NotAsked(reason=reason):
            return {"answer": "not asked", **said, "reason": reason, "questions": own}
        case _:
            assert_never(finding)


def _questions(file: str, questions: Sequence[Asked]) -> dict[str, object]:
    return {"file": file, "expected": [one.expected for one in questions]}


def _domain(fact: Fact) -> Mapping[str, object]:
    """What a fact may be; amounts in minor units."""
    match fact:
        case MoneyFact(lowest=lowest, highest=highest, at_most=at_most):
            return {"kind": "money", "lowest": lowest, "highest": highest, "at_most": at_most}
        case CountFact(lowest=lowest, highest=highest):
            return {"kind": "count", "lowest": lowest, "highest": highest}
        case CategoryFact(values=values):
            return {"kind": "category", "words": list(values)}
        case DateFact():
            return {"kind": "date"}
        case IdentifierFact():
            return {"kind": "identifier"}
        case _:
            assert_never(fact)


def _script(title: str, questions: Sequence[Asked]) -> str:
    """Questions as a script; each begins anew, so that none of them can lean on another."""
    head = "".join(f"; {printable(line)}\n" for line in title.splitlines())
    parts = [
        f"; question {number} of {len(questions)}: {one.expected}\n"
        f"(set-info :status {one.expected})\n(set-logic ALL)\n{one.text}\n(check-sat)\n"
        for number, one in enumerate(questions, start=1)
    ]
    return head + "(reset)\n".join(parts)


def _plain(text: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"[^\w-]+", "_", text).strip("_")[:40]


def _json(record: object) -> str:
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"
