"""Each build proves its own output: the text of a calculator, as it was written, is equal to its policy.

    text -> terms (`Reading`) -> compared with the Model, one amount at a time -> the first flaw, or none

Nothing here knows how texts are made: a text is read with the means of its own language, by what each of its operators
means there (`python_run.py`, `numpy_run.py`, `sql_run.py`, `dialects/`), and whatever has no meaning here is refused.
So a mistake of the printer, of whole-number code or of a template is found, whatever it is.

A dialect of SQL is a file in `dialects/` that says what its operators, types and NULLs mean. Another language is a
function from a Model and a text to a `Reading`, and one line in `reading_of` below. What it does not read for its
meaning it must require word for word.
"""

from __future__ import annotations

from compiler.domain import NO_RIDERS, Riders
from compiler.model import Model
from compiler.validate.proof import Differs as Differs
from compiler.validate.proof import Flaw as Flaw
from compiler.validate.proof import NotShown as NotShown
from compiler.validate.proof import Strange as Strange
from compiler.validate.proof import flaws
from compiler.validate.python import read_python
from compiler.validate.reading import Reading
from compiler.validate.values import Outside, texts_numbered
from compiler.verify.solve import remembering_nothing


def first_flaw(model: Model, folder: str, text: str, riders: Riders = NO_RIDERS) -> Flaw | None:
    """What keeps the text of a calculator from being its policy; None where it is proved to be.

    `folder` says what the text is written in: `python`, `numpy`, or `sql/` and the name of a dialect. The Model is that
    of a policy that was proved; `riders` are what goes along with the claims in SQL. Raises KeyError for a folder that
    nothing is known of.
    """
    with remembering_nothing(), texts_numbered():
        try:
            return next(flaws(reading_of(model, folder, text, riders)), None)
        except Outside as strange:
            return Strange(strange.line, strange.what, model.span)


def reading_of(model: Model, folder: str, text: str, riders: Riders = NO_RIDERS) -> Reading:
    """The terms of a calculator, within `texts_numbered`. Raises Outside for what no calculator has, KeyError for an
    unknown folder."""
    match folder:
        case "python":
            return read_python(model, text)
        case "numpy":
            from compiler.validate.numpy import read_numpy

            return read_numpy(model, text)
        case sql if sql.startswith("sql/"):
            from compiler.validate.sql import read_sql

            return read_sql(model, sql.removeprefix("sql/"), text, riders)
        case _:
            raise KeyError(folder)
