"""What a file says of itself: read in a process of its own that may do next to nothing.

`examine` starts that process; `python -m recording.probe FILE` is the process. It imports no Django, opens no address, and is stopped
when it takes more memory, time or files than a sound recording needs. What it cannot read is a finding, never an error of ours.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 1536 * 1024 * 1024
SECONDS: Final = 600
OPEN_FILES: Final = 64
# Decoded to see damage that the packets hide; the rest is judged by its packets.
KEYFRAMES_DECODED: Final = 120
LARGEST_PICTURE: Final = 64_000_000
MOST_GAPS: Final = 200

# Formats that recording devices write. Pictures, playlists and everything that refers to other files are not among them.
FORMATS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,asf,flv,mp3,wav,aac,ogg,flac,amr,amrnb,amrwb,dv,mxf"
# What a browser may be told, by the demuxer that read the file; others are offered as a download.
CONTENT_TYPES: Final = {
    "mov": "video/mp4",
    "matroska": "video/webm",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "video/ogg",
    "aac": "audio/aac",
}
SIGNATURES: Final = (
    (b"\x89PNG\r\n", "PNG 图片"),
    (b"\xff\xd8\xff", "JPEG 图片"),
    (b"GIF8", "GIF 图片"),
    (b"BM", "BMP 图片"),
    (b"%PDF", "PDF 文档"),
    (b"PK\x03\x04", "压缩包或者 Office 文档"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"\xd0\xcf\x11\xe0", "Office 文档"),
    (b"MZ", "Windows 程序"),
    (b"\x7fELF", "程序"),
    (b"#!", "脚本"),
    (b"<?xml", "XML 文本"),
    (b"<svg", "SVG 图片"),
    (b"<!doctype html", "网页"),
    (b"<html", "网页"),
)


@dataclass(slots=True)
class Examination:
    """What was found. `gaps` are seconds from the start and lengths in seconds; `claimed_at` is what the device says, no proof."""

    flags: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    gaps: list[dict[str, float]] = field(default_factory=list)
    duration: float | None = None
    container: str = ""
    codecs: str = ""
    content_type: str = ""
    width: int | None = None
    height: int | None = None
    claimed_at: str | None = None

    def flag(self, flag: str, finding: str) -> None:
        if flag not in self.flags:
            self.flags.append(flag)
        self.findings.append(finding)


def examine(path: Path, *, name: str, tolerance: float, seconds: int = SECONDS) -> Examination:
    """Examine a file in a process of its own. Always answers: a process that dies or takes too long means a damaged file."""
    command = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r}); from recording.probe import main; main()",
    ]
    arguments = [str(path), name, str(tolerance), str(seconds)]
    failed = Examination()
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter, no shell)
            [*command, *arguments],
            capture_output=True,
            timeout=seconds + 30,
            check=False,
            env={"PATH": "", "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        failed.flag("damaged", "检查用时过长，已经停止；文件按原样保存")
        return failed
    if done.returncode != 0:
        failed.flag("damaged", "文件内容异常，检查程序未能读完；文件按原样保存")
        return failed
    return Examination(**json.loads(done.stdout.decode().splitlines()[-1]))


def main() -> None:
    """Entry of the child process: path, name, tolerance, seconds."""
    path, name, tolerance, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    import av
    import av.logging

    av.logging.set_level(av.logging.PANIC)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = _examine(Path(path), name, tolerance)
    sys.stdout.write("\n" + json.dumps({key: getattr(found, key) for key in Examination.__slots__}) + "\n")
    sys.stdout.flush()
    # Whatever a library would do at its end, it no longer does.
    os._exit(0)


def _examine(path: Path, name: str, tolerance: float) -> Examination:
    import av
    import av.error

    found = Examination()
    with path.open("rb") as source:
        head = source.read(4096)
    if not head:
        found.flag("empty", "文件是空的，没有任何内容")
        return found
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        container: Any = av.open(f"file:{path}", options=options, metadata_errors="replace", timeout=60)
    except (av.error.FFmpegError, ValueError, UnicodeError):
        _unreadable(found, head, name)
        return found
    with container:
        _describe(found, container)
        streams = [
            stream
            for stream in container.streams
            if stream.type in ("video", "audio") and stream.codec_context is not None
        ]
        if not streams:
            found.flag("not_media", "文件里没有画面也没有声音")
            return found
        _read_packets(found, container, streams, tolerance)
    if not found.flags:
        _decode_keyframes(found, path, options)
    _compare_name(found, head, name)
    return found


def _unreadable(found: Examination, head: bytes, name: str) -> None:
    """Nothing we know how to read: cut off, damaged, or something else altogether."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        found.flag("truncated", "文件不完整，缺少播放所需的索引部分，可能拷贝中断或者设备断电")
        return
    if head[:4] in (b"\x1a\x45\xdf\xa3", b"RIFF") or head[:3] == b"FLV":
        found.flag("damaged", "文件开头像是音像文件，但是内容不能读取")
        return
    kind = _signature(head)
    found.flag("not_media", f"这不是音像文件，内容是{kind}" if kind else "这不是音像文件，内容无法识别")
    if _is_media_name(name):
        found.flag("misnamed", f"文件名“{name}”是音像文件的名称，内容不是")


def _signature(head: bytes) -> str:
    start = head.lstrip()[:64].lower()
    return next((label for mark, label in SIGNATURES if head.startswith(mark) or start.startswith(mark.lower())), "")


def _is_media_name(name: str) -> bool:
    return name.lower().endswith(
        (
            ".mp4",
            ".mov",
            ".m4a",
            ".3gp",
            ".mkv",
            ".webm",
            ".avi",
            ".ts",
            ".mts",
            ".mpg",
            ".mp3",
            ".wav",
            ".amr",
            ".aac",
            ".flv",
            ".wmv",
        )
    )


def _describe(found: Examination, container: Any) -> None:
    found.container = container.format.name[:60]
    first = container.format.name.split(",")[0]
    found.content_type = CONTENT_TYPES.get(first, "")
    found.codecs = "、".join(
        dict.fromkeys(s.codec_context.name for s in container.streams if s.codec_context is not None)
    )[:120]
    if container.streams.video:
        found.width, found.height = container.streams.video[0].width, container.streams.video[0].height
    elif first == "mov":
        found.content_type = "audio/mp4"
    found.claimed_at = _claim(container.metadata.get("creation_time", ""))


def _claim(text: str) -> str | None:
    """The device's own clock as ISO 8601. "1904-01-01" and "1970-01-01" mean that it was not set."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.isoformat() if moment.year >= 2000 else None


def _read_packets(found: Examination, container: Any, streams: list[Any], tolerance: float) -> None:
    """Duration and breaks from the packets themselves: a container's own duration hides them."""
    import av.error

    main = next((stream for stream in streams if stream.type == "video"), streams[0])
    base = float(main.time_base or 0)
    stamps, corrupt = array("d"), 0
    declared = float(main.duration * main.time_base) if main.duration else None
    try:
        for packet in container.demux(main):
            corrupt += packet.is_corrupt
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and packet.size:
                stamps.append(stamp * base)
    except (av.error.FFmpegError, ValueError):
        found.flag("damaged", "文件中途损坏，后面的内容不能读取")
    if not stamps:
        found.flag("damaged", "文件里没有可以读取的画面或者声音")
        return
    ordered = sorted(stamps)
    steps = sorted(b - a for a, b in itertools.pairwise(ordered))
    usual = steps[len(steps) // 2] if steps else 0.0
    found.duration = round(ordered[-1] - ordered[0] + usual, 3)
    for earlier, later in itertools.pairwise(ordered):
        if later - earlier - usual > tolerance and len(found.gaps) < MOST_GAPS:
            found.gaps.append(
                {"at": round(earlier + usual - ordered[0], 3), "seconds": round(later - earlier - usual, 3)}
            )
    if corrupt:
        found.flag("damaged", f"有{corrupt}处数据损坏")
    if declared is not None and declared - (found.duration or 0) > max(tolerance, usual * 2):
        found.flag("truncated", f"文件不完整：应有{declared:.0f}秒，只有{found.duration:.0f}秒")


def _decode_keyframes(found: Examination, path: Path, options: dict[str, str]) -> None:
    """Decode some key frames, spread over the file, to see pictures that are damaged inside sound packets."""
    import av
    import av.error

    try:
        with av.open(f"file:{path}", options=options, metadata_errors="replace", timeout=60) as container:
            if not container.streams.video:
                return
            stream = container.streams.video[0]
            if (stream.width or 0) * (stream.height or 0) > LARGEST_PICTURE:
                found.flag("damaged", "画面尺寸异常，没有检查画面")
                return
            stream.thread_type = "NONE"
            stream.codec_context.skip_frame = "NONKEY"
            stream.codec_context.options = {"err_detect": "explode"}
            seen = 0
            for frame in container.decode(stream):
                seen += 1
                if getattr(frame, "is_corrupt", False):
                    found.flag("damaged", "部分画面损坏")
                    return
                if seen >= KEYFRAMES_DECODED:
                    return
            if not seen:
                found.flag("damaged", "没有可以显示的画面")
    except (av.error.FFmpegError, ValueError, MemoryError):
        found.flag("damaged", "部分画面损坏，不能显示")


def _compare_name(found: Examination, head: bytes, name: str) -> None:
    """A sound recording under a name that is none, or a file that is a recording and something else at once."""
    kind = _signature(head)
    if kind:
        found.content_type = ""
        found.flag("misnamed", f"文件开头是{kind}的标记，与音像文件不符")
    elif name and "." in name and not _is_media_name(name):
        found.flag("misnamed", f"文件名“{name}”不是音像文件的名称，内容是音像文件")


if __name__ == "__main__":
    main()
