"""A file of claims through a calculator: CSV in, CSV out, exact, and nothing half-written.

table.py    the file of claims as text: its columns, its rows, what keeps it from being read
fields.py   one value of a row as a fact
outcome.py  what came of a file
duckdb.py   the engine for large files: reads, settles and writes in the database
memory.py   engines that settle rows held in memory: generated Python, SQLite
"""
