"""A file of claims through a calculator: CSV or Parquet in and out, exact, and nothing half-written.

table.py         the file of claims as text: its columns, its rows, what keeps it from being read
parquet.py       claims in Parquet: its files, its columns and their types
fields.py        one value of a row as a fact
columns.py       a column of the file as a fact, in SQL
job.py           what is to be done with the claims
outcome.py       what came of a file
ledger.py        running totals from one run to the next
rejected.py      the file of rejected rows
duckdb.py        the engine for large files: reads, settles and writes in the database
duckdb_read.py   the rows of a file in the database
duckdb_write.py  what came of them, counted and written
spark.py         the engine for Parquet that outgrows one machine
memory.py        engines that settle rows held in memory: generated Python, SQLite
sql_text.py      small parts of SQL
"""
