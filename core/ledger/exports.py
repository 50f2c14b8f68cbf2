"""What leaves the system: seals, with or without the lines under them, and the sheet with which a browser verifies a
file.

A seal file is one JSON object in its first line (the seal), then one line for each entry under it, in log order:
`stream TAB seq TAB hash`. The seal alone proves that something was altered; the lines name what.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self, TextIO

from core import merkle
from core.ledger.chain import entries
from core.ledger.seals import FORMAT, Proof, export_seal, inclusion_proofs, latest_seal, seal_hash
from core.models.ledger import LedgerEntry, LogLeaf, Seal

ROWS = 10_000


class NotASeal(ValueError):
    """What was given is not an exported seal, or was altered itself."""


def write_seal(seal: Seal, file: TextIO) -> None:
    """Write a seal file: the seal and every line under it."""
    file.write(json.dumps(export_seal(seal)) + "\n")
    for start in range(0, seal.size, ROWS):
        leaves = LogLeaf.objects.filter(log_index__gte=start, log_index__lt=min(start + ROWS, seal.size))
        for stream, seq, entry_hash in leaves.order_by("log_index").values_list("stream", "seq", "hash"):
            file.write(f"{stream}\t{seq}\t{entry_hash}\n")


def read_seal(path: Path) -> dict[str, Any]:
    """A seal file as `core.ledger.verify` takes it; its lines are read as they are needed, never all at once. Raises
    NotASeal.
    """
    try:
        with path.open(encoding="utf-8") as file:
            seal = json.loads(file.readline())
            has_lines = bool(file.readline())
    except ValueError:
        # A published seal may have been saved over several lines.
        try:
            seal, has_lines = json.loads(path.read_text(encoding="utf-8")), False
        except ValueError as error:
            raise NotASeal(f"{path.name} 不是封存文件 (not a seal file)") from error
    if not isinstance(seal, dict):
        raise NotASeal(f"{path.name} 不是封存文件 (not a seal file)")
    return {**seal, "lines": _LinesOf(path)} if has_lines else seal


@dataclass(frozen=True, slots=True)
class _LinesOf:
    """The lines of a seal file, again and again."""

    path: Path

    def __iter__(self) -> Iterator[str]:
        with self.path.open(encoding="utf-8", newline="\n") as file:
            next(file)
            for line in file:
                yield line.rstrip("\n")


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that a seal holds and the log, at this place, does not."""

    log_index: int
    stream: str
    seq: int
    hash: str


class ExportedSeal:
    """An exported seal that fits itself, and its place in the comparison with the log."""

    def __init__(self, *, size: int, root: str, seal_hash: str, lines: Iterable[str] | None) -> None:
        self.size, self.root, self.hash = size, root, seal_hash
        self._lines = iter(lines) if lines is not None else None

    @classmethod
    def check(cls, export: Mapping[str, Any]) -> Self:
        """Refuses what is not a seal, whose hash is not its own, or whose lines are not those under its root (NotASeal)."""
        try:
            size, root, stated = int(export["size"]), str(export["root"]), str(export["hash"])
            own = seal_hash(previous=export["previous"], size=size, root=root, sealed_at=export["sealed_at"])
            known = export["format"] == FORMAT
        except (KeyError, TypeError, ValueError) as error:
            raise NotASeal(f"不是封存文件：缺少或误写 {error} (not a seal)") from error
        if not known or own != stated:
            raise NotASeal("封存文件与其自身摘要不符，已被改动 (the seal does not fit its own hash)")
        lines: Iterable[str] | None = export.get("lines")
        if lines is not None and _root_of(lines) != (size, root):
            raise NotASeal("封存文件所附各行与其根摘要不符，已被改动 (the lines do not fit the seal)")
        return cls(size=size, root=root, seal_hash=stated, lines=lines)

    def first_difference(self, start: int, found: Sequence[str]) -> Difference | None:
        """Compare the log's lines from `start` on with the sealed ones, block after block.

        Lines after the sealed ones are no difference. With no lines found, the next sealed line is one.
        """
        if self._lines is None or start >= self.size:
            return None
        sealed = list(islice(self._lines, min(len(found) or 1, self.size - start)))
        if sealed == found[: len(sealed)]:
            return None
        for index, line in enumerate(sealed):
            if index >= len(found) or line != found[index]:
                return Difference(start + index, *_parts(line))
        return None


def _parts(line: str) -> tuple[str, int, str]:
    stream, seq, entry_hash = line.split("\t")
    return stream, int(seq), entry_hash


def _root_of(lines: Iterable[str]) -> tuple[int, str]:
    tree = merkle.Frontier()
    try:
        for line in lines:
            tree.grow(merkle.leaf_hash(_parts(line)[2]))
    except ValueError as error:
        raise NotASeal("封存文件所附各行无法读取 (unreadable line in the seal file)") from error
    return tree.size, tree.root().hex()


def proof_sheet(stream: str) -> dict[str, Any]:
    """What a reader's browser needs to verify one file's chain by itself (static/js/verify.js documents it); plain
    JSON values.
    """
    lines: Sequence[LedgerEntry] = list(entries(stream))
    last = latest_seal()
    proofs: Mapping[int, Proof] = inclusion_proofs(lines, last) if last else {}
    return {
        "stream": stream,
        "seal": export_seal(last) if last else None,
        "entries": [
            {
                "seq": line.seq,
                "body": line.body,
                "prev_hash": line.prev_hash,
                "hash": line.hash,
                "proof": {"log_index": proof.log_index, "path": list(proof.path)} if proof else None,
            }
            for line in lines
            for proof in [proofs.get(line.pk)]
        ],
    }
