"""Generated calculators as modules, for tests."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from compiler.emit.mark import SourceMark
from compiler.emit.python import emit_python
from compiler.model import Model

MARK = SourceMark("policies/test.policy", "ab" * 32, "0.1.0")


def calculator(policy: Model, name: str = "calculator") -> Any:
    """The generated Python calculator as a module."""
    module = ModuleType(name)
    sys.modules[name] = module  # where dataclasses look up the types they are made of
    exec(compile(emit_python(policy, MARK), f"{policy.id}.py", "exec"), module.__dict__)
    return module
