"""What printed documents say in their own way: days in Chinese numerals, texts as paragraphs."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

DIGITS = "〇一二三四五六七八九"


def _upto_99(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones or not tens else "")


@register.filter
def chinese_day(value: date | datetime) -> str:
    """二〇二六年二月十一日, the Asia/Shanghai day of a moment."""
    day = timezone.localdate(value) if isinstance(value, datetime) else value
    year = "".join(DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{_upto_99(day.month)}月{_upto_99(day.day)}日"


@register.filter
def paragraphs(text: str) -> SafeString:
    """Every line a paragraph of its own; what an official typed is text, never markup."""
    return format_html_join("", "<p>{}</p>", ((line.strip(),) for line in text.splitlines() if line.strip()))
