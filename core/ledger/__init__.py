"""The ledger: one append-only chain for each file, one log over all of them, and the seals that leave the system.

Tamper-evident up to the last seal that left the system; not tamper-proof. The mechanism is SQL (core/migrations/0003_ledger_triggers.py).
"""

from core.ledger.chain import append, append_many, canonical, entries, lock_streams, salted_digest

__all__ = ["append", "append_many", "canonical", "entries", "lock_streams", "salted_digest"]
