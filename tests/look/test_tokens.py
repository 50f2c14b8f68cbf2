"""The tokens keep their contrasts (WCAG 2.2: text 4.5, large text and the edges of controls 3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
TOKENS = dict(re.findall(r"--mc-([\w-]+):\s*(#[0-9a-f]{3,6});", (CSS / "tokens.css").read_text()))


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(each * 2 for each in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)


GROUNDS = ("surface", "bg", "sunken")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "blue-700", "red", "amber", "green") for ground in GROUNDS),
    ("red", "red-50"),
    ("ink-2", "red-50"),
    ("ink-3", "line"),
    ("amber", "amber-50"),
    ("green", "green-50"),
    ("ink-2", "blue-50"),
    ("ink-3", "blue-50"),
    ("blue-700", "blue-50"),
    ("blue-900", "blue-50"),
    ("blue-900", "blue-100"),
    ("surface", "blue-900"),
    ("surface", "blue-700"),
    ("surface", "red"),
    ("surface", "ink"),
]


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(TOKENS[ink], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize(
    ("line", "ground"), [("line-3", "surface"), ("line-3", "bg"), ("blue-600", "surface"), ("amber-mark", "surface")]
)
def test_edges_that_mean_something_can_be_seen(line: str, ground: str) -> None:
    assert contrast(TOKENS[line], TOKENS[ground]) >= 3


def test_every_token_used_is_defined() -> None:
    defined = set(re.findall(r"(--mc-[\w-]+):", (CSS / "tokens.css").read_text()))
    used = {name for sheet in CSS.glob("*.css") for name in re.findall(r"var\((--mc-[\w-]+)\)", sheet.read_text())}
    assert used <= defined


def test_no_file_from_outside_and_no_web_font() -> None:
    for sheet in CSS.glob("*.css"):
        text = sheet.read_text()
        assert "@import" not in text
        assert "@font-face" not in text
        assert "//" not in text
        assert len(text.splitlines()) <= 500, sheet.name
