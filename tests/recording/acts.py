"""Taking the steps of a recording as its pages do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from agency.models import Official
from core import jobs
from core.lifecycle import Attempt, Unmet
from core.models import Job
from enforcement.models import Case
from enforcement.procedure import PENALTY
from recording import services
from recording.models import Recording
from tests.enforcement.factories import Bureau, at, fresh
from tests.recording import samples


def uploaded(path: Path, name: str = "现场.mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, path.read_bytes(), content_type="video/mp4")


def register(
    bureau: Bureau,
    act: Any,
    *,
    by: Any = None,
    start: str = "2026-01-14 09:02",
    end: str = "2026-01-14 09:31",
    **work: Any,
) -> Recording:
    return services.register_recording(
        act=act, by=fresh(by or bureau.lead), started_at=at(start), made_at=at(end), device=None, **work
    )


def store(bureau: Bureau, recording: Recording, path: Path, *, by: Any = None, name: str = "现场.mp4") -> Recording:
    return services.store_recording(recording=recording, by=fresh(by or bureau.lead), file=uploaded(path, name))


def index(bureau: Bureau, recording: Recording, *, by: Any = None, **changes: str) -> Recording:
    elements = {
        "place": "示例路100号",
        "scene": "财务室查看工资台账",
        "participants": "张示例、李样本、孙某",
        "violation": "拖欠工资",
    }
    return services.index_recording(recording=recording, by=fresh(by or bureau.lead), **(elements | changes))


def explain(bureau: Bureau, recording: Recording, *, by: Any = None) -> Recording:
    return services.explain_fault(
        recording=recording, by=fresh(by or bureau.lead), fault="power", reason="09:31电量耗尽，换电池后继续"
    )


def examine() -> None:
    """Do the jobs that examine what was stored; none may fail. Other apps' documents are left for later."""
    Job.objects.exclude(name__startswith="recording.").update(run_after=datetime(2100, 1, 1, tzinfo=UTC))
    jobs.drain()
    assert not Job.objects.filter(name__startswith="recording.", state=Job.State.FAILED).exists()
    assert (
        not Job.objects.filter(name__startswith="recording.", state=Job.State.WAITING).exclude(last_error="").exists()
    )


def kept(bureau: Bureau, act: Any, folder: Path, **video: Any) -> Recording:
    """A recording that was registered, handed in and examined."""
    recording = store(bureau, register(bureau, act), samples.video(folder / "a.mp4", **video))
    examine()
    recording.refresh_from_db()
    return recording


def unmet_of_recordings(case: Case, moment: datetime, by: Official) -> list[Unmet]:
    """What the recordings of a case still want before it is closed; its unfinished stages are demanded beside them."""
    found = PENALTY.unmet(PENALTY["close"], case, Attempt(by=by, happened_at=moment))
    return [demand for demand in found if not demand.text.startswith("案卷没有")]
