"""The periods for which something is reported, by the keys of their duties: 2026, 2026Q3, 2026H1."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from rulebook.model import Rule

# Of these years the calendar knows the days.
FIRST_YEAR, LAST_YEAR = 2001, 2098
KEY: Final = r"[0-9]{4}(?:Q[1-4]|H[12])?"
_PARTS: Final = {"year": ("",), "half_year": ("H1", "H2"), "quarter": ("Q1", "Q2", "Q3", "Q4")}
_WORDS: Final = {"H1": "上半年", "H2": "下半年"} | {f"Q{number}": f"第{number}季度" for number in (1, 2, 3, 4)}
_MONTHS: Final = {"H": 6, "Q": 3}


def keys_of(rule: Rule, year: int) -> tuple[str, ...]:
    """The periods of a year for which the rule demands one report each."""
    return tuple(f"{year}{part}" for part in _PARTS[rule.each or "year"])


def year_of(key: str) -> int:
    return int(key[:4])


def in_words(key: str) -> str:
    """2026年度, 2026年第3季度, 2026年上半年."""
    return f"{key[:4]}年{_WORDS.get(key[4:], '度')}"


def first_day(key: str) -> date:
    """The day on which the period begins."""
    months = _MONTHS[key[4]] * (int(key[5]) - 1) if len(key) > 4 else 0
    return date(year_of(key), months + 1, 1)


class PeriodConverter:
    """For addresses."""

    regex = KEY

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: object) -> str:
        if not re.fullmatch(KEY, str(value)):
            raise ValueError(value)
        return str(value)
