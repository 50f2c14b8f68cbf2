"""Whether a page of the bureau of Shizuishan speaks of another city's documents; the readings not used stand there to be compared."""

from __future__ import annotations

import re

WORDS = ("监督办法", "监督计划", "威海", "阳泉", "WH-", "YQ-")
_COMPARED = re.compile(r"<dt>没有采用</dt><dd>.*?</dd>", re.S)


def named(html: str) -> list[str]:
    """The words of other cities in a page or text."""
    own = _COMPARED.sub("", html)
    return [word for word in WORDS if word in own]
