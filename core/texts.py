"""Official texts: split by article, compared with the quotes our rules stand on, kept for display. None of them is in the repository."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.db import transaction
from django.utils import timezone

from core import law
from core.models import InstrumentText
from rulebook.files import Place
from rulebook.model import Instrument, Rule, RulebookError

if TYPE_CHECKING:
    from agency.models import Official
    from rulebook.library import Rulebook

Match = Literal["exact", "folded", "elsewhere", "missing"]
WORDS: dict[Match, str] = {
    "exact": "一致",
    "folded": "一致（仅标点、全半角或空格不同）",
    "elsewhere": "不在所引条款中",
    "missing": "全文未找到",
}
LAST_PARAGRAPH = "末段"


class TextRefused(ValueError):
    """A text that cannot be split or does not belong to the instrument. The message is Chinese."""


class QuotesDiffer(TextRefused):
    """A text in whose articles some quotes do not stand: another version of it, or a wrong quote. Carries the whole comparison."""

    def __init__(self, articles: dict[str, str], results: list[Comparison]) -> None:
        self.articles, self.results = articles, results
        self.differing = [result for result in results if not result.is_good]
        super().__init__(f"{len(self.differing)}处引文与官方文本不符，文本没有附上")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One rule's quote against the official text: found as it stands, after folding, in another article, or nowhere."""

    rule: str
    article: str
    quote: str
    match: Match
    found_in: str = ""

    @property
    def is_good(self) -> bool:
        return self.match in ("exact", "folded")

    @property
    def words(self) -> str:
        return WORDS[self.match] + (f"，见{self.found_in}" if self.found_in else "")


# --- splitting --------------------------------------------------------------------------------------------------

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_ARTICLE = re.compile(
    r"^第([零〇一二三四五六七八九十百]+)条(之[一二三四五六七八九十]+)?(?P<gap>[\s　]*)(?P<text>.*)$", re.S
)
_ITEM = re.compile(r"^[（(]([一二三四五六七八九十]+)[)）](?P<gap>)(?P<text>.*)$", re.S)
# The layout of an implementation plan: parts, tasks numbered through one of them, points.
_PLAN_PART = re.compile(r"^([一二三四五六七八九十]+)、")
_PLAN_TASK = re.compile(r"^(\d{1,2})[.．、](?!\d)(?P<text>.*)$", re.S)
_PLAN_POINT = re.compile(r"^[（(](\d{1,2})[)）](?P<text>.*)$", re.S)
_CHAPTER = re.compile(r"^第[零〇一二三四五六七八九十百]+[编章节](?:[\s　]|$)")
_NOISE = re.compile(
    r"^(?:[-—–_\s]*\d{1,4}[-—–_\s]*|第\s*\d+\s*页.*|\d+\s*/\s*\d+|-{3,}|\*{3,}|<!--.*-->|【法宝引证码】.*|原文链接[：:].*)$"
)
_DATE = re.compile(
    r"^[\d○〇一二三四五六七八九十]{1,4}\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日$"
)


def number_of(numeral: str) -> int:
    """十五 -> 15, 一百零三 -> 103."""
    total, digit = 0, 0
    for sign in numeral:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def lines_of(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a text without markup and page noise, each with whether it is a heading."""
    for raw in text.replace("\r", "").split("\n"):
        line = raw.strip().strip("　").strip()
        is_heading = line.startswith("#")
        line = line.lstrip("#").replace("**", "").strip().strip("　")
        if line and not _NOISE.match(line):
            yield line, is_heading


@dataclass(slots=True)
class _Part:
    """One run of articles counted from one: a file may hold several documents."""

    before: list[str]
    articles: dict[str, list[str]]


def split(text: str, instrument: Instrument) -> dict[str, str]:
    """The text by article, numbered as our own articles are (第十五条; （二） for a plan; 第4项（2） and 三（一） for one with numbered tasks).

    Of several documents in one file the one under the instrument's title is taken. Raises TextRefused where there is no article at all.
    """
    if any(article.number.startswith("第1项") for article in instrument.articles):
        return _by_task(text)
    by_item = not any(article.number.startswith("第") for article in instrument.articles)
    parts = _parts(text, _ITEM if by_item else _ARTICLE, by_item=by_item)
    if not parts:
        raise TextRefused("文本中没有找到" + ("“（一）”形式的各项" if by_item else "“第一条”形式的条文"))
    articles = _choose(parts, instrument).articles
    if any(article.number == LAST_PARAGRAPH for article in instrument.articles):
        articles[LAST_PARAGRAPH] = _take_last_paragraph(articles, instrument)
    return {number: "\n".join(paragraphs) for number, paragraphs in articles.items()}


def _parts(text: str, pattern: re.Pattern[str], *, by_item: bool) -> list[_Part]:
    parts: list[_Part] = []
    aside: list[str] = []
    last, current = 0, None
    for line, is_heading in lines_of(text):
        found = pattern.match(line)
        number = number_of(found[1]) if found else 0
        inserted = bool(found and pattern is _ARTICLE and found[2])
        # An excerpt begins where it begins.
        starts = number == 1 and (by_item or not parts or bool(found and found["gap"]))
        if found and not inserted and (starts or (not parts and found["gap"])):
            parts.append(_Part(aside, {}))
            last = number - 1
            aside = []
        follows = (
            number == last + 1 or (number > last and bool(found and found["gap"])) or (inserted and number >= last)
        )
        if found and parts and follows:
            label = f"（{found[1]}）" if by_item else f"第{found[1]}条{found[2] or ''}"
            current = parts[-1].articles.setdefault(label, [])
            if found["text"].strip():
                current.append(found["text"].strip())
            last = number
        elif _CHAPTER.match(line) or (is_heading and not found):
            current = None
            aside.append(line)
        elif current is not None:
            current.append(line)
        else:
            aside.append(line)
    return [part for part in parts if part.articles]


def _by_task(text: str) -> dict[str, str]:
    """A plan in parts, whose tasks have points or speak for themselves; a task with points is only their heading."""
    articles: dict[str, list[str]] = {}
    part, task, last = "", "", 0
    current: list[str] | None = None
    for line, _ in lines_of(text):
        if found := _PLAN_PART.match(line):
            part, task, current = found[1], "", None
            continue
        if part and (found := _PLAN_TASK.match(line)) and int(found[1]) == last + 1:
            last += 1
            label = task = f"第{last}项"
        elif task and (found := _PLAN_POINT.match(line)):
            label = f"{task}（{found[1]}）"
            articles.pop(task, None)
        elif part and not task and (found := _ITEM.match(line)):
            label = f"{part}（{found[1]}）"
        else:
            if current is not None:
                current.append(line)
            continue
        current = articles.setdefault(label, [])
        current.append(found["text"].strip())
    if not articles:
        raise TextRefused("文本中没有找到“1.”“（1）”形式的各项")
    return {number: "\n".join(filter(None, paragraphs)) for number, paragraphs in articles.items()}


def _choose(parts: list[_Part], instrument: Instrument) -> _Part:
    if len(parts) == 1:
        return parts[0]
    names = [fold(name) for name in (instrument.title, instrument.short_title)]

    issuer = fold(instrument.issued_by)

    def closeness(part: _Part) -> int:
        """How much of one of the names the nearest line above the first article carries. Who issued it signs all of them alike."""
        heads = [head for line in part.before[-8:] if (head := fold(line)) not in issuer]
        return max(
            (len(head) for head in heads for name in names if head and (head in name or name in head)), default=0
        )

    best = max(parts, key=closeness)
    if closeness(best) == 0:
        raise TextRefused(f"文本含有{len(parts)}份文件，没有找到标题为《{instrument.title}》的一份")
    return best


def _take_last_paragraph(articles: dict[str, list[str]], instrument: Instrument) -> list[str]:
    paragraphs = articles[list(articles)[-1]]
    while paragraphs and (_DATE.match(paragraphs[-1]) or fold(paragraphs[-1]) == fold(instrument.issued_by)):
        paragraphs.pop()
    return [paragraphs.pop()] if paragraphs else []


# --- comparing --------------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """The text without what differs between copies: spaces, full and half width, kinds of quotation marks."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[“”‘’\"'「」]", "", text)
    return re.sub(r"\s+", "", text)


def contains(text: str, quote: str) -> bool:
    """Whether the quote stands in the text; its parts around an ellipsis in order."""
    at = 0
    for part in filter(None, re.split(r"…+|\.{3,}", quote)):
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def compare(articles: dict[str, str], rules: Iterable[Rule]) -> list[Comparison]:
    """Every rule that quotes, against its article."""
    folded = {number: fold(text) for number, text in articles.items()}
    results = []
    for rule in rules:
        if not rule.quote:
            continue
        quote = fold(rule.quote)
        found_in = ""
        match: Match = "missing"
        if contains(articles.get(rule.article, ""), rule.quote):
            match = "exact"
        elif contains(folded.get(rule.article, ""), quote):
            match = "folded"
        elif elsewhere := [number for number, text in folded.items() if contains(text, quote)]:
            match, found_in = "elsewhere", elsewhere[0]
        results.append(Comparison(rule.id, rule.article, rule.quote, match, found_in))
    return results


@transaction.atomic
def attach(
    instrument_id: str, text: str, *, checked_by: str, by: Official | None = None
) -> tuple[InstrumentText, list[Comparison]]:
    """Compare an official text with the quotes of the instrument's rules and keep it, replacing an earlier one.

    Raises QuotesDiffer, with the comparison, when a quote is not in its article: the rulebook would not load beside such a text. Raises
    TextRefused when it cannot be split, RulebookError for an unknown instrument.
    """
    book = law.rulebook()
    instrument = book.instrument(instrument_id)
    articles = split(text, instrument)
    results = compare(articles, book.rules_of(instrument_id))
    if not all(result.is_good for result in results):
        raise QuotesDiffer(articles, results)
    row, _ = InstrumentText.objects.update_or_create(
        instrument=instrument_id,
        defaults={
            "articles": articles,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "checked_by": checked_by,
            "checked_on": timezone.now(),
            "attached_by": by,
        },
    )
    return row, results


def strayed_quotes(book: Rulebook) -> Iterator[RulebookError]:
    """A refusal, naming file, rule and reason, for every quote that is not in its article of the attached text."""
    # These columns alone: it is asked before migrations bring new ones.
    for instrument_id, articles in InstrumentText.objects.order_by("instrument").values_list("instrument", "articles"):
        try:
            file, rules = book.instrument(instrument_id).file, book.rules_of(instrument_id)
        except RulebookError:
            # The text of an instrument that is no longer among the files: nothing stands on it.
            continue
        for result in compare(articles, rules):
            if not result.is_good:
                yield Place(file, result.rule).refuse(
                    f"引文不在所附官方文本的{result.article}中（{result.words}）：{result.quote}"
                )
