"""One of the rulebook's files as a person wrote it: decoding, TOML syntax, and refusals that say where and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from rulebook.model import RulebookError

# What the parser says, and what a person should do; the first that begins the message.
_SYNTAX: Final = (
    ("Illegal character '\\n'", "引号没有成对"),
    ("Unterminated string", "引号没有成对"),
    ("Illegal character", "有不允许的字符"),
    ("Unescaped '\\'", "反斜杠要写两个"),
    ("Invalid value", "值写得不对，文字两边要用半角双引号"),
    ("Invalid date or datetime", "没有这一天，或者没有这个时刻"),
    ("Invalid statement", "这一行看不懂，应写作“字段 = 值”或者“[[rule]]”"),
    ("Invalid initial character for a key part", "字段名应为小写英文字母"),
    ("Expected '=' after a key", "字段名后面要用半角等号 ="),
    ("Expected newline or end of document", "一行只能写一项；日期写作 2024-07-01，月和日都是两位"),
    ("Expected ']' at the end of a table", "方括号没有成对"),
    ("Expected ']]' at the end of an array", "方括号没有成对"),
    ("Unclosed array", "方括号 [ ] 没有成对，或者两项之间少了逗号"),
    ("Unclosed inline table", "花括号 { } 没有成对，或者写法不对：时刻写作 08:30:00"),
    ("Cannot overwrite a value", "同一个字段写了两次"),
    ("Duplicate inline table key", "同一个字段写了两次"),
    ("Cannot declare", "同一段写了两次，或者 [段] 与 [[段]] 混用"),
)
_POSITION: Final = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_QUOTED: Final = re.compile(r'"[^"]*"')
_FULL_WIDTH: Final = re.compile(r"[“”‘’＝，；：｛｝［］（）　]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the files something stands, so that a refusal can say it."""

    file: str
    rule: str = ""

    def refuse(self, reason: str) -> RulebookError:
        """The error to raise: file, rule and reason in one line."""
        return RulebookError(": ".join(part for part in (self.file, self.rule, reason) if part))


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a file and what it says. A byte-order mark is passed over; refused are files that are not UTF-8 or not TOML."""
    place = Place(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise place.refuse("读不出来：不是UTF-8编码（可能是GBK或者UTF-16），请用编辑器另存为UTF-8") from wrong
    except OSError as wrong:
        reason = "没有读取权限" if isinstance(wrong, PermissionError) else "打不开，或者不是文件"
        raise place.refuse(f"读不出来：{reason}") from wrong
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise place.refuse(f"不是有效的TOML：{_in_words(str(wrong), text.splitlines())}") from wrong
    except (RecursionError, ValueError) as wrong:
        raise place.refuse("不是有效的TOML：括号层数或者数字太大") from wrong


def nearest(wrong: str, known: Iterable[str]) -> str:
    """“，是否为 X？” where a known name is like the wrong one; else nothing."""
    found = get_close_matches(wrong, list(known), n=1, cutoff=0.75)
    return f"，是否为 {found[0]}？" if found else ""


def _in_words(message: str, lines: list[str]) -> str:
    found = _POSITION.search(message)
    bare = message[: found.start()] if found else message
    advice = next((words for start, words in _SYNTAX if bare.startswith(start)), "写法不对")
    if found is None or found[1] is None:
        return "没有写完，引号或者括号没有成对（到文件末尾）"
    number = int(found[1])
    # The parser stops at the line break that it did not expect, which counts to the line before.
    line = lines[number - 1].strip() if number <= len(lines) else ""
    if full := _FULL_WIDTH.search(_QUOTED.sub("", line.partition("#")[0])):
        advice += f"；这一行有全角的 {full[0]} ，应为半角"
    return f"第{number}行 {line[:60]}　{advice}"
