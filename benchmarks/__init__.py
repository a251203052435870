"""Figures that README and docs quote, and the command that gives them: `make bench`."""
