"""Realistic volume for benchmarks: an invented bureau with as many cases as asked for, written set by set in SQL.

Nothing is switched off for it: cases walk the procedure's edges, the ledger chains every line itself, every constraint is checked. Due
moments are those the rulebook counts for each day.
"""
