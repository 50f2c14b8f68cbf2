"""Recordings of the demonstration: real files made on the spot, one handed in in time, one overdue, one damaged; who asked to see the first."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import av
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from config.demo.people import Cast
from config.demo.stories import TEAMS, Story
from enforcement.models import EvidenceAct
from recording.models import Device, Recording
from recording.services import (
    approve_access,
    hand_in,
    index_recording,
    refuse_access,
    register_recording,
    request_access,
)

WIDTH, HEIGHT, RATE, SECONDS = 320, 180, 2, 240
# Long enough to be seen in the strip; the demonstration's clip is short.
LENGTH = timedelta(seconds=SECONDS)


def clip() -> bytes:
    """A short H.264 video: a bar that crosses a quiet ground, second by second."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
            out.metadata["creation_time"] = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
            stream = out.add_stream("libx264", rate=RATE)
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for number in range(RATE * SECONDS):
                frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
                for plane, ground in zip(frame.planes, (60, 140, 120), strict=True):
                    row = bytearray([ground]) * plane.line_size
                    at = number * plane.width // (RATE * SECONDS)
                    row[at : at + max(plane.width // 20, 1)] = bytes([200]) * max(plane.width // 20, 1)
                    plane.update(bytes(row[: plane.line_size]) * plane.height)
                frame.pts = number
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        return path.read_bytes()


def record(cast: Cast, stories: list[Story]) -> None:
    """Recordings of the acts of three fresh cases: handed in and indexed; still to be handed in; damaged."""
    video = clip()
    devices = {
        key: Device.objects.create(
            number=f"示例记录仪{number:02d}", kind=Device.Kind.BODY, model="示例型号", unit=cast.units[key]
        )
        for number, key in enumerate(TEAMS, start=1)
    }
    by_party = {story.party: story for story in stories}

    def latest(party: str) -> tuple[Story, EvidenceAct]:
        story = by_party[party]
        return story, story.the_case.acts.order_by("-started_at")[0]

    story, act = latest("某某示例船舶配套有限公司")
    lead = cast.people[TEAMS[story.unit][0]] if story.number % 3 else cast.people[TEAMS[story.unit][1]]
    handed = hand_in(
        act=act,
        by=lead,
        started_at=act.started_at,
        made_at=act.started_at + LENGTH,
        device=devices[story.unit],
        file=SimpleUploadedFile("现场检查录像.mp4", video, "video/mp4"),
    )
    index_recording(
        recording=handed,
        by=lead,
        place=act.place,
        scene="车间和财务室",
        participants="张示例、李样本、单位负责人",
        violation="拖欠劳动者工资",
    )
    _ask_to_see(handed, cast)

    story, act = latest("示例水产加工有限公司")
    lead = cast.people[TEAMS[story.unit][0]] if story.number % 3 else cast.people[TEAMS[story.unit][1]]
    register_recording(
        act=act, by=lead, started_at=act.started_at, made_at=act.started_at + LENGTH, device=devices[story.unit]
    )

    story, act = latest("示例保洁服务有限公司")
    hand_in(
        act=act,
        by=cast.people[TEAMS[story.unit][0]],
        started_at=act.started_at,
        made_at=act.started_at + LENGTH,
        device=devices[story.unit],
        file=SimpleUploadedFile("询问录像（存储卡损坏）.mp4", video[: len(video) // 2], "video/mp4"),
    )


def _ask_to_see(recording: Recording, cast: Cast) -> None:
    """Three who do not handle the case ask: one may, one may not, one still waits."""
    until, head = timezone.localdate() + timedelta(days=7), cast.people["wu"]
    asked = {
        name: request_access(recording=recording, by=cast.people[name], purpose=purpose, until=until)
        for name, purpose in (
            ("feng", "组织科内执法规范培训，需要观看本案现场检查过程。"),
            ("zhao", "法制审核中核对现场检查程序。"),
            ("qian", "学习参考。"),
        )
    }
    approve_access(request=asked["zhao"], by=head, remarks="同意，限审核本案使用。")
    refuse_access(request=asked["qian"], by=head, remarks="调阅事由不具体，请说明用途后重新申请。")


def paper(title: str) -> io.BytesIO:
    """A one-page PDF that says what it is."""
    from weasyprint import HTML

    return io.BytesIO(HTML(string=f"<h1>{title}</h1><p>演示数据，内容为虚构。</p>").write_pdf())
