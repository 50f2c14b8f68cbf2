"""The catalogue of violations, sums in words, and the check of credit codes. No database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.models.sources import CREDIT_CODE_ALPHABET, credit_code_is_valid
from enforcement.money import capital
from enforcement.templatetags.papers import chinese_day, paragraphs
from enforcement.violations import catalogue


@pytest.mark.parametrize(
    ("key", "base", "low", "high"),
    [
        ("inspection-30-1", None, 2000, 20000),
        ("inspection-30-2", None, 2000, 20000),
        ("inspection-30-3", None, 2000, 20000),
        ("inspection-25", 12, 1200, 6000),
        ("inspection-23", 3, 3000, 15000),
        ("inspection-27-1", 10000, 10000, 30000),
        ("inspection-27-2", 10000, 10000, 30000),
        ("inspection-28", None, 10000, 50000),
    ],
)
@pytest.mark.rule("CN-INSPECTION-30")
def test_every_range_includes_both_its_ends_and_nothing_beyond(key: str, base: int | None, low: int, high: int) -> None:
    violation = catalogue()[key]
    number = Decimal(base) if base else None
    cent = Decimal("0.01")
    assert violation.refuse_fine(Decimal(low), number) == ""
    assert violation.refuse_fine(Decimal(high), number) == ""
    for beyond in (Decimal(low) - cent, Decimal(high) + cent):
        assert violation.cited in violation.refuse_fine(beyond, number)


def test_a_fine_that_counts_workers_asks_for_their_number() -> None:
    assert "请先填写受侵害的劳动者人数" in catalogue()["inspection-25"].refuse_fine(Decimal(500), None)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("20000", "贰万元整"),
        ("2000.5", "贰仟元伍角整"),
        ("10010.05", "壹万零壹拾元零伍分"),
        ("100000000", "壹亿元整"),
        ("100010000", "壹亿零壹万元整"),
        ("1234567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        ("20300", "贰万零叁佰元整"),
        ("0", "零元整"),
        ("0.07", "柒分"),
    ],
)
def test_sums_in_capital_numerals(amount: str, words: str) -> None:
    assert capital(Decimal(amount)) == words


@given(st.integers(0, 10**15))
def test_different_sums_have_different_words(cents: int) -> None:
    amount = Decimal(cents) / 100
    assert capital(amount) != capital(amount + Decimal("0.01"))


@given(st.text(alphabet=CREDIT_CODE_ALPHABET, min_size=17, max_size=17))
def test_gb_32100_exactly_one_last_character_fits(body: str) -> None:
    assert sum(credit_code_is_valid(body + last) for last in CREDIT_CODE_ALPHABET) == 1


@given(st.integers(0, 16), st.sampled_from(CREDIT_CODE_ALPHABET))
def test_gb_32100_one_wrong_character_is_noticed(place: int, other: str) -> None:
    code = "91371000MA3TEMP00G"
    wrong = code[:place] + other + code[place + 1 :]
    assert credit_code_is_valid(wrong) == (wrong == code)


@pytest.mark.parametrize("code", ["", "91371000MA3TEMP00", "91371000MA3TEMP00I", "91371000MA3TEMP00GG"])
def test_gb_32100_other_lengths_and_letters_are_no_code(code: str) -> None:
    assert not credit_code_is_valid(code)


def test_days_and_paragraphs_of_documents() -> None:
    from datetime import date

    assert chinese_day(date(2026, 10, 20)) == "二〇二六年十月二十日"
    assert chinese_day(date(2026, 12, 31)) == "二〇二六年十二月三十一日"
    assert paragraphs("一\n\n<i>二</i>") == "<p>一</p><p>&lt;i&gt;二&lt;/i&gt;</p>"
