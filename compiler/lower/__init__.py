"""Checked tree -> Model: every clause becomes a step in the row of amounts."""

from __future__ import annotations

from compiler.lower.policy import lower as lower
