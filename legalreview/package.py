"""What was submitted for review, as it stood at that moment, and what changed in the case since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.models import FactRecord
from enforcement.selectors import papers_of
from legalreview.facts import Submitted

if TYPE_CHECKING:
    from enforcement.models import Case
    from legalreview.models import Review


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the package: its SHA-256 and its size in bytes as submitted, empty and None where its PDF is still being made.

    `url` is empty for whoever may no longer open the case.
    """

    title: str
    made_at: datetime
    sha256: str
    size: int | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to the case after the submission."""

    label: str
    at: datetime
    url: str = ""


def freeze(case: Case) -> list[dict[str, Any]]:
    """The papers of the case as they stand now, as plain values for the row and for the ledger."""
    return [
        {
            "document": paper.pk,
            "title": str(paper),
            "number": paper.number,
            "made_at": paper.made_at.isoformat(),
            "sha256": paper.file.sha256 if paper.file else "",
            "size": paper.file.size if paper.file else None,
        }
        for paper in papers_of(case)
    ]


def frozen_papers(review: Review, *, linked: bool) -> list[Paper]:
    """The papers as submitted. One whose PDF was still being made then has the digest of the PDF that was made of it: it is made once."""
    present = {paper.pk: paper for paper in papers_of(review.case)}
    found = []
    for entry in review.papers:
        paper = present.get(entry["document"])
        late = paper.file if paper is not None and not entry["sha256"] else None
        found.append(
            Paper(
                title=f"{entry['title']}　{entry['number']}" if entry["number"] else entry["title"],
                made_at=datetime.fromisoformat(entry["made_at"]),
                sha256=late.sha256 if late else entry["sha256"],
                size=late.size if late else entry["size"],
                url=paper.get_absolute_url() if linked and paper is not None and paper.is_ready else "",
            )
        )
    return found


def changes_since(review: Review) -> list[Change]:
    """What was entered in the case after the submission, and every paper that was added or exchanged; the earliest first."""
    submitted = FactRecord.objects.filter(stream=review.stream, name=Submitted.name).order_by("pk").first()
    if submitted is None:
        return []
    entered = FactRecord.objects.filter(stream=review.case.stream, pk__gt=submitted.pk)
    found = [Change(record.label, record.effective_happened_at) for record in entered.prefetch_related("corrections")]
    frozen = {entry["document"]: entry for entry in review.papers}
    for paper in papers_of(review.case):
        entry = frozen.get(paper.pk)
        if entry is None:
            found.append(Change(f"增加材料：{paper}", paper.made_at, paper.get_absolute_url()))
        elif entry["sha256"] and (paper.file is None or paper.file.sha256 != entry["sha256"]):
            found.append(Change(f"材料与送审时不同：{paper}", paper.made_at, paper.get_absolute_url()))
    return sorted(found, key=lambda change: change.at)
