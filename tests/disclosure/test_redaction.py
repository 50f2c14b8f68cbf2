"""Nothing of a person leaves the house: properties of the redaction, and the cases it must know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.redaction import MASKS, SOMEBODY, Person, Why, leftovers, listed_in, masked_name, redact

# Names never hold what masks are made of.
LETTERS = "张李王赵钱孙周吴郑冯陈褚卫蒋沈韩杨示例样本范示"
names = st.text(alphabet=LETTERS, min_size=2, max_size=4)
prose = st.text(alphabet=LETTERS + "经查，拖欠工资。0123456789 -Ａ", max_size=80)


@pytest.mark.rule("WH-MEAS-15a", "WH-PLAN-2a")
@given(before=prose, after=prose, protected=st.lists(names, min_size=1, max_size=4))
def test_no_protected_name_is_left_wherever_it_stands(before: str, after: str, protected: list[str]) -> None:
    persons = [Person.unnamed(name) for name in protected]
    text = before + after.join(protected) + after
    public = redact(text, persons).text
    assert [name for name in protected if name in public] == []


@given(text=prose, protected=st.lists(names, max_size=3))
def test_redacting_twice_changes_nothing_more(text: str, protected: list[str]) -> None:
    persons = [Person.unnamed(name) for name in protected]
    once = redact(text, persons).text
    assert redact(once, persons).text == once
    assert leftovers(once, persons) == ()


@given(text=prose, protected=st.lists(names, max_size=3))
def test_the_pieces_of_the_original_are_the_original(text: str, protected: list[str]) -> None:
    redacted = redact(text, [Person.unnamed(name) for name in protected])
    assert "".join(piece for piece, _ in redacted.pieces(public=False)) == text


@given(text=st.text(alphabet="经查，拖欠工资。20,000元", max_size=60))
def test_text_without_persons_stays_as_it_is(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("身份证370102198001011234", Why.IDENTITY),
        ("身份证37010219800101123X，", Why.IDENTITY),
        ("身份证３７０１０２１９８００１０１１２３４", Why.IDENTITY),
        ("证号370102 19800101 1234", Why.IDENTITY),
        ("一代证370102800101123", Why.IDENTITY),
        ("护照G12345678", Why.IDENTITY),
        ("电话13800138000", Why.PHONE),
        ("电话138-0013-8000", Why.PHONE),
        ("电话１３８００１３８０００", Why.PHONE),
        ("电话+86 138 0013 8000", Why.PHONE),
        ("座机0631-5201234", Why.PHONE),
        ("座机（0631）5201234转801", Why.PHONE),
        ("账号6222021001116245702", Why.ACCOUNT),
        ("邮箱zhang.shili@example.cn", Why.EMAIL),
    ],
)
def test_numbers_of_persons_are_masked_however_they_are_typed(text: str, why: Why) -> None:
    redacted = redact(f"经查，{text}属实")
    assert [mask.why for mask in redacted.masks] == [why]
    assert MASKS[why] in redacted.text
    assert not any(digit in redacted.text for digit in "0123456789０１２３４５６７８９")


@pytest.mark.parametrize(
    "text",
    [
        "罚款人民币20,000.00元（大写：贰万元整）",
        "示人社监罚决字〔2026〕7号",
        "2026年3月15日至2026年4月15日",
        "《劳动保障监察条例》第三十条第一款第（三）项",
        "拖欠12名工人工资共计138000.50元",
    ],
)
def test_sums_days_numbers_of_documents_and_articles_are_no_personal_numbers(text: str) -> None:
    assert redact(text).text == text


def test_a_credit_code_that_is_kept_stays_although_it_is_all_figures() -> None:
    code = "913710001980010112"
    assert redact(f"代码{code}", keep=[code]).text == f"代码{code}"


def test_a_firm_keeps_its_registered_name_although_it_holds_the_name_of_a_complainant() -> None:
    persons = [Person.unnamed("赵样例")]
    text = "赵样例饭店拖欠赵样例工资"
    assert redact(text, persons, keep=["赵样例饭店"]).text == f"赵样例饭店拖欠{SOMEBODY}工资"


def test_a_name_written_with_spaces_is_found() -> None:
    assert redact("投诉人 赵 样 例 称", [Person.unnamed("赵样例")]).text == "投诉人 某某 称"


def test_overlapping_masks_cover_the_whole_stretch() -> None:
    redacted = redact("联系赵样例13800138000", [Person.unnamed("赵样例"), Person.unnamed("样例1380013")])
    assert "赵" not in redacted.text
    assert "8000" not in redacted.text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张示例", "张某"),
        ("欧阳示例", "欧阳某"),
        ("欧阳", "欧某"),
        ("阿不都·示例", "阿某"),
        ("示", "某某"),
        ("张 示", "张某"),
        ("", ""),
    ],
)
def test_a_natural_person_keeps_the_surname_only(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (
            "王样本（经理）、李示例 负责人，欧阳范例；工人 高管 车间主任",
            [("王样本", "经理"), ("李示例", "负责人"), ("欧阳范例", "")],
        ),
        ("职工赵样例，未成年工孙范例", [("赵样例", "职工"), ("孙范例", "未成年工")]),
        ("高样本（工人）", [("高样本", "工人")]),
        ("李和平", [("李和平", "")]),
        ("张示例和李示例", [("张示例", ""), ("李示例", "")]),
        ("工人（3名）、劳动者代表、单位负责人", []),
        ("阿不都·示例（劳动者）", [("阿不都·示例", "劳动者")]),
        ("", []),
    ],
)
def test_names_are_read_from_a_list_typed_by_hand(listed: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.name, each.part) for each in listed_in(listed)] == expected


@pytest.mark.parametrize("written", ["K1234567X", "k1234567x", "Ｋ１２３４５６７Ｘ", "K 1234567-X", "K123 4567 X"])
def test_a_number_the_file_holds_is_masked_although_it_looks_like_none(written: str) -> None:
    persons = [Person.known_by("K1234567X", Why.IDENTITY)]
    assert redact(f"持{written}入境", persons).text == "持〔证件号码略〕入境"


def test_an_address_the_file_holds_is_masked() -> None:
    persons = [Person.known_by("示例路1号2单元", Why.ADDRESS)]
    assert redact("住示例路１号 2单元", persons).text == "住〔住址略〕"
