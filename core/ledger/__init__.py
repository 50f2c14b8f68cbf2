"""The ledger: one append-only chain for each file, one log over all of them, and the seals that leave the system.

Tamper-evident up to the last seal that left the system; not tamper-proof. The mechanism is SQL
(core/migrations/0003_ledger_triggers.py).
"""

from core.ledger.chain import append, append_many, canonical, entries, lock_streams, salted_digest
from core.ledger.exports import NotASeal, proof_sheet, read_seal, write_seal
from core.ledger.seals import (
    LogBroken,
    Proof,
    consistency_proof,
    export_seal,
    inclusion_proof,
    inclusion_proofs,
    latest_seal,
    seal,
    seal_if_due,
)
from core.ledger.verification import BrokenLine, Report, verify

__all__ = [
    "BrokenLine",
    "LogBroken",
    "NotASeal",
    "Proof",
    "Report",
    "append",
    "append_many",
    "canonical",
    "consistency_proof",
    "entries",
    "export_seal",
    "inclusion_proof",
    "inclusion_proofs",
    "latest_seal",
    "lock_streams",
    "proof_sheet",
    "read_seal",
    "salted_digest",
    "seal",
    "seal_if_due",
    "verify",
    "write_seal",
]
