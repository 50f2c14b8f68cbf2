"""Sums of money in the capital numerals that documents require."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def capital(amount: Decimal) -> str:
    """贰万元整 for 20000. Refuses what is negative or longer than sixteen digits with ValueError."""
    if amount < 0 or amount >= Decimal(10) ** 16:
        raise ValueError(f"not a sum: {amount}")
    cents = int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    whole, tail = divmod(cents, 100)
    words = f"{_whole(whole)}元" if whole else ""
    jiao, fen = divmod(tail, 10)
    if not tail:
        return f"{words or '零元'}整"
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif words:
        words += "零"
    return f"{words}{DIGITS[fen]}分" if fen else f"{words}整"


def _whole(number: int) -> str:
    groups = []
    while number:
        number, low = divmod(number, 10_000)
        groups.append(low)
    words = ""
    for index in range(len(groups) - 1, -1, -1):
        low = groups[index]
        if not low:
            continue
        if words and (low < 1000 or groups[index + 1] == 0):
            words += "零"
        words += _group(low) + GROUPS[index]
    return words


def _group(low: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = low // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + PLACES[place]
            gap = False
        else:
            gap = True
    return words
