"""Calculators in other languages, printed from one tree of whole-number code."""
