"""One of the rulebook's files as a person wrote it: decoding, TOML syntax, and refusals that say where and what to do."""

from __future__ import annotations

import re
import tomllib
import unicodedata
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
    ("Invalid value", "值写得不对，文字两边要用半角双引号，数字用阿拉伯数字，是、否写作 true、false"),
    ("Invalid date or datetime", "没有这一天，或者没有这个时刻"),
    ("Invalid statement", "这一行看不懂，应写作“字段 = 值”或者“[[rule]]”"),
    (
        "Invalid initial character for a key part",
        "字段名应为小写英文字母；花括号 { } 写在一行之内，最后一项后面没有逗号",
    ),
    ("Expected '=' after a key", "字段名后面要用半角等号 ="),
    ("Expected newline or end of document", "一行只能写一项；日期写作 2024-07-01，月和日都是两位"),
    ("Expected ']' at the end of a table", "方括号没有成对"),
    ("Expected ']]' at the end of an array", "方括号没有成对"),
    ("Unclosed array", "方括号 [ ] 没有成对，或者两项之间少了逗号"),
    ("Unclosed inline table", "花括号 { } 没有成对，或者写法不对：时刻写作 08:30:00，数字前面不加 0"),
    ("Cannot overwrite a value", "同一个字段写了两次"),
    ("Duplicate inline table key", "同一个字段写了两次"),
    ("Cannot declare", "同一段写了两次，或者 [段] 与 [[段]] 混用"),
)
_POSITION: Final = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_QUOTED: Final = re.compile(r'"[^"]*"')
_FULL_WIDTH: Final = re.compile(r"[＃【】。、“”‘’＝，；：｛｝［］（）Ａ-Ｚａ-ｚ０-９]")
# What the eye takes for a space, and TOML does not.
_SPACE: Final = re.compile("[\u3000\u00a0]")
_ENDED: Final = re.compile(r'=\s*"[^"]*"')
_THOUSANDS: Final = re.compile(r"\d,\d{3}\b")


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
        raise place.refuse(f"读不出来：{why_unread(wrong)}") from wrong
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise place.refuse(f"不是有效的TOML：{_in_words(str(wrong), text.splitlines())}") from wrong
    except (RecursionError, ValueError) as wrong:
        raise place.refuse("不是有效的TOML：括号层数或者数字太大") from wrong


def why_unread(wrong: OSError) -> str:
    """Why a file was not read, in words for whoever named it."""
    known = {
        FileNotFoundError: "没有这个文件",
        PermissionError: "没有读取权限",
        IsADirectoryError: "这是目录，不是文件",
    }
    return known.get(type(wrong), "打不开，或者不是文件")


def nearest(wrong: str, known: Iterable[str]) -> str:
    """“，是否为 X？” where a known name is like the wrong one, in capitals or not; else nothing."""
    names = {name.casefold(): name for name in known if name != wrong}
    found = get_close_matches(wrong.casefold(), list(names), n=1, cutoff=0.75)
    return f"，是否为 {names[found[0]]}？" if found else ""


def unseen(text: str) -> str:
    """What is wrong with a text that holds a sign nobody sees, as pasted web pages do; else nothing."""
    found = next((sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf") and sign != "\n"), "")
    return f"有看不见的字符（U+{ord(found):04X}），请删去或者重新输入" if found else ""


def _in_words(message: str, lines: list[str]) -> str:
    found = _POSITION.search(message)
    bare = message[: found.start()] if found else message
    advice = next((words for start, words in _SYNTAX if bare.startswith(start)), "写法不对")
    if found is None or found[1] is None:
        return "没有写完，引号或者括号没有成对（到文件末尾）"
    number = int(found[1])
    # The parser stops at the line break that it did not expect, which counts to the line before.
    line = lines[number - 1] if number <= len(lines) else ""
    bare = _QUOTED.sub("", line.partition("#")[0])
    if message.startswith("Expected newline") and _ENDED.search(line):
        advice = "文字到第二个双引号就结束了：文字里面的引号写作“ ”，行末不加标点"
    if _SPACE.search(bare):
        advice += "；这一行有全角空格或者不换行空格，应为半角空格"
    elif full := _FULL_WIDTH.search(bare):
        advice += f"；这一行有全角的 {full[0]} ，应为半角"
    if _THOUSANDS.search(bare):
        advice += "；数字中间不加逗号"
    return f"第{number}行 {line.strip()[:60]}　{advice}"
