"""What clipboards, web pages, tables and office files do to the words of a notice, undone: tags, entities, spaces in dates, cells, encodings.
Every line stays the line it was, so that a refusal can name it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from rulebook.model import RulebookError

# What Windows offices save, and what web pages are; what the last one decodes anything to is told apart by the NUL in it.
_ENCODINGS: Final = (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"))
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))

_TAG = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[a-zA-Z][^<>]*>", re.S | re.I)
_CELL_END = re.compile(r"</t[dh]\s*>\s*(?=<t[dh]\b)", re.I)
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_EMPHASIS = re.compile(r"\*\*|__|^#{1,6}\s+|^>\s+")
_SPAN = r"(?:至|到|[-—–~])"
# 2026-01-01, 2026.1.1, 2026/1/1: with the year before it there is only one reading
_WITH_YEAR = re.compile(r"(?<!\d)(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?![\d.])日?")
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_IN_NUMERALS = re.compile(rf"(?<!农历)(?<![一-龥])({_NUMERAL})月({_NUMERAL})[日号]|({_SPAN})({_NUMERAL})[日号]")
# 1月1-3日, 1月1、2日: the sign of the day is said once for several
_SIGN_LEFT_OUT = re.compile(
    rf"(月\d{{1,2}}|(?<=、)\d{{1,2}})(\([^)]*\))?(?=(?:{_SPAN}|、)(?:\d{{1,2}}月)?\d{{1,2}}(?:\([^)]*\))?(?:日|、|{_SPAN}))"
)
# Other words for the two things that a notice says of a day.
_WORKED = re.compile("(?:照常|正常)?(?:补上班|补班|调班|上班|(?:照常|正常)工作)")
_OFF = re.compile("(?<!年)休假|休息")
# 元旦 on a line of its own, or before its dates without a colon
_NAME: Final = "(?:元旦|春节|清明节?|劳动节|端午节?|中秋节?|国庆节?)"
_HEADLESS = re.compile(rf"^((?:[一二三四五六七八九十]{{1,3}}[、.])?{_NAME}(?:[、和及]{_NAME})*)(?=$|\d{{1,2}}月)")
# A remark in brackets that stands after no date is no weekday, and where it says neither word, nothing of a day.
_REMARK = re.compile(r"(?<![日号])\((?![^)]*(?:放假|上班))[^)]*\)")
_COLLOQUIAL = re.compile(rf"((?:月|{_SPAN}|、)\d{{1,2}})号")

_NOTHING: Final = frozenset({"", "-", "--", "—", "/", "无", "不调休", "无调休"})
_RULE_OF_TABLE = re.compile(r"^[|\s:\-—+]*$")


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and the name of the encoding in which it was read. Raises RulebookError for what is no text."""
    for mark, coding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(coding), "UTF-16"
            except UnicodeDecodeError:
                break
    for coding, name in _ENCODINGS:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, name
    raise RulebookError("文件不是文本，读不出来；Word、PDF 文件请打开后复制其中的文字")


def plain_lines(text: str) -> list[str]:
    """The lines without what is not words: full width and half width are one, dates stand as 1月1日, rows of tables as sentences."""
    bare = _CELL_END.sub("\t", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Twice, for a page's source pasted as it is shown holds its tags as entities.
    bare = _without_tags(html.unescape(_without_tags(bare)))
    lines = [_UNSEEN.sub("", unicodedata.normalize("NFKC", line)) for line in bare.split("\n")]
    table = _Table()
    return [_dates_as_written(table.sentence(_EMPHASIS.sub("", line))) for line in lines]


def _without_tags(text: str) -> str:
    return _TAG.sub(lambda tag: "\n" * tag[0].count("\n"), text)


def _dates_as_written(line: str) -> str:
    """The dates of a line as notices write them, where there is only one way to read them."""
    line = _WITH_YEAR.sub(r"\1年\3月\4日", line)
    # Chinese needs no spaces; between figures they are left, for two figures are not one.
    line = re.sub(r"(?<=\d)\s+(?=\d)", "\x00", line)
    line = re.sub(r"\s+", "", line).replace("\x00", " ")
    line = _IN_NUMERALS.sub(_in_figures, line)
    line = _COLLOQUIAL.sub(r"\1日", line)
    line = _SIGN_LEFT_OUT.sub(lambda found: f"{found[1]}日{found[2] or ''}", line)
    line = _OFF.sub("放假", _WORKED.sub("上班", line))
    return _HEADLESS.sub(r"\1:", _REMARK.sub("", line))


def _in_figures(found: re.Match[str]) -> str:
    if found[1]:
        return f"{_figure(found[1])}月{_figure(found[2])}日"
    return f"{found[3]}{_figure(found[4])}日"


def _figure(numeral: str) -> int:
    """十二 is 12, 二十 is 20, 三十一 is 31."""
    digits = {sign: value for value, sign in enumerate("一二三四五六七八九", start=1)}
    if "十" not in numeral:
        return digits[numeral] if len(numeral) == 1 else 0
    tens, _, ones = numeral.partition("十")
    return digits.get(tens, 1 if not tens else 0) * 10 + (digits.get(ones, 0) if ones else 0)


class _Table:
    """Rows of a table, by the words of its head: which column is the holiday, which the days off, which those worked."""

    _HEADS: Final = (
        ("name", re.compile("^(?:节日|假日|节假日|假期|项目)?(?:名称)?$")),
        ("worked", re.compile("上班|补班|调休日|调班")),
        ("count", re.compile("天数|几天|^共")),
        ("off", re.compile("放假|假期|休假|起止|时间|日期")),
        ("name", re.compile("节日|假日|名称|节假")),
    )

    def __init__(self) -> None:
        self._columns: list[str] = []

    def sentence(self, line: str) -> str:
        """A row as the sentence a notice would say; a line that is no row as it is."""
        separator = "\t" if "\t" in line.strip() else "|" if line.count("|") > 1 else ""
        if not separator:
            return line
        if _RULE_OF_TABLE.match(line):
            return ""
        cells = [cell.strip() for cell in line.strip(" |\t" if separator == "|" else " ").split(separator)]
        columns = [self._column(cell) for cell in cells]
        if "off" in columns and not any(re.search(r"\d", cell) for cell in cells):
            self._columns = columns
            return ""
        if not self._columns or len(cells) > len(self._columns):
            return _loose(cells)
        said = {column: cell for column, cell in zip(self._columns, cells, strict=False) if cell not in _NOTHING}
        if "name" not in said or "off" not in said:
            return _loose(cells)
        off = said["off"] if "放假" in said["off"] else f"{said['off']}放假"
        count = re.search(r"\d+|[一二三四五六七八九十]", said.get("count", ""))
        parts = [f"{said['name']}:{off}" + (f",共{count[0]}天" if count else "")]
        if worked := said.get("worked"):
            parts.append(worked if "上班" in worked else f"{worked}上班")
        return "。".join(part.rstrip("。") for part in parts) + "。"

    def _column(self, cell: str) -> str:
        return next((name for name, word in self._HEADS if word.search(cell)), "")


def _loose(cells: list[str]) -> str:
    """A row of which nobody says what its columns are: only cells that say so themselves can be read."""
    first, rest = cells[0], [cell for cell in cells[1:] if cell not in _NOTHING]
    return f"{first}:{';'.join(rest)}。" if first and rest and not re.search(r"[\d:：]", first) else ";".join(cells)
