"""The commands, one file each. Only here and in `compiler/cli.py` is anything printed, and does anything exit."""
