"""What may not leave the house: names of persons, their numbers, their telephones. Plain functions on text.

`redact` masks and says what it masked and why; `leftovers` says what a text, perhaps edited by hand since, still
gives away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

COMPOUND_SURNAMES: Final = frozenset(
    """
    欧阳 司马 上官 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 东方 独孤 南宫 长孙
    宇文 轩辕 端木 百里 呼延 万俟 闻人 澹台 公冶 宗政 濮阳 淳于 单于 申屠 仲孙 钟离
    鲜于 闾丘 亓官 司寇 颛孙 子车 拓跋 夹谷 宰父 谷梁 段干 东郭 南门 羊舌 微生 左丘
    """.split()  # noqa: SIM905
)
# The common ones, without those that are more often another word (高管, 车间, 管理员, 安全员, 项目).
SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟颜倪严牛温芦季俞章鲁葛伍"
    "韦申尤毕聂焦向柳邢岳齐梅莫庄辛左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵"
    "褚尤许吕戚邬滕殷罗郜米贝臧计伏成茅狄纪麦蓝危江颜郭梅盛刁钟徐邱骆夏樊胡凌霍虞支昝卢莫丛刑"
)
SOMEBODY: Final = "某某"


class Why(StrEnum):
    """What a mask covers. The value is what the redaction record says."""

    PERSON = "自然人姓名"
    PROTECTED = "投诉举报人、劳动者姓名"
    IDENTITY = "身份证件号码"
    PHONE = "电话号码"
    ACCOUNT = "银行账号"
    EMAIL = "电子邮箱"
    ADDRESS = "住址"


MASKS: Final = {
    Why.IDENTITY: "〔证件号码略〕",
    Why.PHONE: "〔电话略〕",
    Why.ACCOUNT: "〔账号略〕",
    Why.EMAIL: "〔邮箱略〕",
    Why.ADDRESS: "〔住址略〕",
}


@dataclass(frozen=True, slots=True)
class Mask:
    """One masked stretch of the original text, and what stands there instead."""

    start: int
    end: int
    why: Why
    by: str


@dataclass(frozen=True, slots=True)
class Person:
    """A name that may stand in a text, or another thing known of a person, and how it is masked."""

    name: str
    why: Why
    by: str

    @classmethod
    def shown_as_surname(cls, name: str) -> Person:
        return cls(name, Why.PERSON, masked_name(name))

    @classmethod
    def unnamed(cls, name: str) -> Person:
        """Somebody who is not even to be guessed by the surname: who complained, who is owed wages."""
        return cls(name, Why.PROTECTED, SOMEBODY)

    @classmethod
    def known_by(cls, secret: str, why: Why) -> Person:
        """What the file holds of a natural person: the number of a document, a telephone, an address."""
        return cls(secret, why, MASKS[why])


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text that may be published, and its masks in the order of the original."""

    original: str
    masks: tuple[Mask, ...]

    @property
    def text(self) -> str:
        return "".join(piece for piece, _ in self.pieces(public=True))

    def pieces(self, *, public: bool) -> Iterator[tuple[str, Mask | None]]:
        """The text in stretches, each masked one with its mask: as it was, or as the public reads it."""
        at = 0
        for mask in self.masks:
            if mask.start > at:
                yield self.original[at : mask.start], None
            yield (mask.by if public else self.original[mask.start : mask.end]), mask
            at = mask.end
        if at < len(self.original):
            yield self.original[at:], None


def masked_name(name: str) -> str:
    """张某, 欧阳某; nothing of a name of one character; the first part of a name with a dot."""
    name = re.sub(r"\s+", "", name)
    if not name:
        return ""
    if "·" in name:
        return f"{name.partition('·')[0][:1]}某"
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return f"{name[:2]}某"
    return f"{name[0]}某" if len(name) > 1 else SOMEBODY


# Who speaks for the party. Everybody else in a record, workers and minors before all, keeps not even the surname.
_SPEAKS_FOR_THE_PARTY = re.compile(
    "经理|负责人|法定代表|法人|董事|股东|老板|店长|厂长|校长|园长|院长|主任|主管|会计|出纳|财务|人事|委托代理|律师|经营者|高管"
)
# What a person may be called instead of by name.
_OTHER_PART = re.compile(
    "未成年工|童工|女职工|工人|职工|员工|劳动者|学徒|学生|家长|监护人|投诉人|举报人|证人|群众|代表|人员|班组长|车间|安全员|管理员|保安|单位|公司"
)
_LISTED = re.compile(r"([^\s、，,;；。/（()）]+)\s*(?:[（(]([^）)]*)[）)]?)?")


@dataclass(frozen=True, slots=True)
class Listed:
    """One name of a list of persons, and what the list says the person is."""

    name: str
    part: str = ""

    @property
    def speaks_for_the_party(self) -> bool:
        return _SPEAKS_FOR_THE_PARTY.search(self.part) is not None


def listed_in(text: str) -> list[Listed]:
    """What looks like a name in a list of persons typed by hand: 王样本（经理）、李示例 负责人；职工赵样例.

    A remark in brackets makes a word a name whatever it begins with; else it begins with a surname.
    """
    found: list[Listed] = []
    name_ended = -1
    for match in _LISTED.finditer(text):
        word, remark = match.group(1), match.group(2) or ""
        follows = name_ended >= 0 and text[name_ended : match.start()].strip() == ""
        name_ended = -1
        if follows and not found[-1].part and _SPEAKS_FOR_THE_PARTY.fullmatch(word):
            found[-1] = Listed(found[-1].name, word)
            continue
        # 和 joins two names, and stands in others.
        for name in dict.fromkeys((word, *re.split("[和与及]", word))):
            called = _OTHER_PART.match(name)
            bare = name[called.end() :] if called else name
            if _is_name(bare, is_marked=bool(remark)):
                found.append(Listed(bare, remark or (called.group() if called else "")))
                name_ended = match.end()
    return found


def _is_name(word: str, *, is_marked: bool) -> bool:
    if "·" in word:
        return True
    if not 2 <= len(word) <= 4 or _OTHER_PART.search(word) or _SPEAKS_FOR_THE_PARTY.search(word):
        return False
    return is_marked or word[0] in SURNAMES or word[:2] in COMPOUND_SURNAMES


# Digits as typed with either keyboard, and what people put between them.
_D = "[0-9０-９]"
_GAP = r"[ \u3000\-－—]?"
_ALONE_BEFORE, _ALONE_AFTER = r"(?<![0-9０-９A-Za-z])", r"(?![0-9０-９A-Za-z])"


def _digits(count: int) -> str:
    return _GAP.join([_D] * count)


_IDENTITY_18 = re.compile(f"{_ALONE_BEFORE}{_digits(17)}{_GAP}[0-9０-９XxＸｘ]{_ALONE_AFTER}")
_IDENTITY_15 = re.compile(f"{_ALONE_BEFORE}{_digits(15)}{_ALONE_AFTER}")
_PERMIT = re.compile(
    f"{_ALONE_BEFORE}(?:[EeGgPpSsDd][A-Za-z]?[0-9]{{7,8}}|[HhMm][0-9]{{8,10}}|8[0-9]{{7}}(?=号?台湾)){_ALONE_AFTER}"
)
_MOBILE = re.compile(
    f"(?<![0-9０-９])(?:(?:[+＋]|00)?(?:86|８６){_GAP})?[1１][3-9３-９]{_GAP}{_digits(9)}(?![0-9０-９])"
)
_LANDLINE = re.compile(
    f"(?<![0-9０-９])[（(]?[0０]{_D}{{2,3}}[)）]?[ \u3000\\-－—]?{_D}{{7,8}}(?:[\\-－转]{_D}{{1,5}})?(?![0-9０-９])"
)
_SERVICE_LINE = re.compile(f"(?<![0-9０-９])(?:400|800){_GAP}{_digits(7)}(?![0-9０-９])")
_ACCOUNT = re.compile(
    f"(?<![0-9０-９A-Za-z.．])(?:{_digits(16)}|{_digits(17)}|{_digits(18)}|{_digits(19)})(?![0-9０-９A-Za-z.．])"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9-]+(?:[.．][A-Za-z0-9-]+)+")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def _plain(matched: str) -> str:
    return re.sub(r"[^0-9]", "", matched.translate(_FULL_WIDTH))


def _is_birthday(text: str) -> bool:
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return False
    return day.year >= 1900


def _numbers(text: str) -> Iterator[Mask]:
    for pattern in (_IDENTITY_18, _IDENTITY_15):
        for found in pattern.finditer(text):
            digits = _plain(found.group())
            birthday = f"19{digits[6:12]}" if len(digits) == 15 else digits[6:14]
            if _is_birthday(birthday):
                yield _mask(found, Why.IDENTITY)
    for pattern, why in (
        (_PERMIT, Why.IDENTITY),
        (_MOBILE, Why.PHONE),
        (_LANDLINE, Why.PHONE),
        (_SERVICE_LINE, Why.PHONE),
        (_ACCOUNT, Why.ACCOUNT),
        (_EMAIL, Why.EMAIL),
    ):
        for found in pattern.finditer(text):
            yield _mask(found, why)


def _mask(found: re.Match[str], why: Why) -> Mask:
    return Mask(found.start(), found.end(), why, MASKS[why])


def _either_width(letter: str) -> str:
    """The letter as typed with either keyboard."""
    wide = chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter
    return re.escape(letter) if wide == letter else f"[{re.escape(letter)}{wide}]"


def _names(text: str, persons: Iterable[Person]) -> Iterator[Mask]:
    """Every place of every name of two characters or more, also written with spaces, figures also with strokes between them."""
    for person in persons:
        letters = unicodedata.normalize("NFKC", re.sub(r"\s+", "", person.name))
        if len(letters) < 2:
            continue
        gap = r"\s*" if not letters.isascii() else r"[\s\-－—]*"
        spread = gap.join(_either_width(letter) for letter in letters)
        for found in re.finditer(spread, text, re.IGNORECASE):
            yield Mask(found.start(), found.end(), person.why, person.by)


def _kept(text: str, keep: Iterable[str]) -> list[tuple[int, int]]:
    return [found.span() for word in keep if word for found in re.finditer(re.escape(word), text)]


def redact(text: str, persons: Sequence[Person] = (), *, keep: Iterable[str] = ()) -> Redacted:
    """Mask what may not be published. `keep` are words that stay although they hold a name: the name of a firm.

    Where masks overlap, the longer stands and covers the whole stretch.
    """
    kept = _kept(text, keep)
    found = [
        mask
        for mask in (*_names(text, persons), *_numbers(text))
        if not any(start <= mask.start and mask.end <= end for start, end in kept)
    ]
    chosen: list[Mask] = []
    for mask in sorted(found, key=lambda each: (each.start, -each.end)):
        last = chosen[-1] if chosen else None
        if last is None or mask.start >= last.end:
            chosen.append(mask)
        elif mask.end > last.end:
            longer = max(last, mask, key=lambda each: each.end - each.start)
            chosen[-1] = Mask(last.start, mask.end, longer.why, longer.by)
    return Redacted(text, tuple(chosen))


def leftovers(text: str, persons: Sequence[Person] = (), *, keep: Iterable[str] = ()) -> tuple[Why, ...]:
    """What a text still gives away, each kind once; empty when it may be published."""
    return tuple(dict.fromkeys(mask.why for mask in redact(text, persons, keep=keep).masks))
