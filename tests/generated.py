"""Generated calculators as modules, for tests."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from compiler.emit.mark import SourceMark
from compiler.emit.numpy import emit_numpy
from compiler.emit.python import emit_python
from compiler.model import Model

MARK = SourceMark("policies/test.policy", "ab" * 32, "0.1.0")


def calculator(policy: Model, name: str = "calculator") -> Any:
    """The generated Python calculator as a module."""
    return module_of(emit_python(policy, MARK), f"{policy.id}.py", name)


def numpy_calculator(policy: Model, name: str = "numpy_calculator") -> Any:
    """The generated NumPy calculator as a module."""
    return module_of(emit_numpy(policy, MARK), f"{policy.id}_numpy.py", name)


def written(policy: Model, folder: Path) -> Path:
    """The generated Python calculator as a file of a folder."""
    path = folder / f"{policy.id}.py"
    path.write_text(emit_python(policy, MARK), encoding="utf-8")
    return path


def module_of(text: str, file: str, name: str) -> Any:
    """The text of a calculator as a module."""
    module = ModuleType(name)
    sys.modules[name] = module  # where dataclasses look up the types they are made of
    exec(compile(text, file, "exec"), module.__dict__)
    return module
