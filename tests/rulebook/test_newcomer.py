"""What somebody who enters a first locality gets wrong: every refusal says where, and what to write instead; none is in English."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from rulebook import alerting, planning, reading
from rulebook.deadlines import SHANGHAI, due, governing
from rulebook.doubts import doubts
from rulebook.library import Rulebook, load
from rulebook.model import APPROVERS, KINDS, SHOWN_OF_ITEMS, UNITS, RulebookError
from rulebook.workdays import Calendar
from tests.rulebook.conftest import INSTRUMENT, PROFILE, RULE

Shelf = Callable[..., Path]
FORMAT = Path(reading.__file__).parents[1] / "docs" / "rulebook-format.md"
PERIOD = 'within = { amount = 7, unit = "working_day" }'
REVIEW = RULE.replace("T-1", "T-2").replace("do_it", "do_that")
EXTENSION = (
    '\n[[rule]]\nid = "T-2"\narticle = "第一条"\nquote = "可以延长"\ntitle = "延长"\nkind = "extension"\n'
    'obligation = "extend"\nextends = "T-1"\napprover = "chief"\nwithin = { amount = 3, unit = "working_day" }\n'
)
YEARLY = (
    '\n[[rule]]\nid = "T-3"\narticle = "第一条"\nquote = "每年1月15日前"\ntitle = "报告"\nkind = "fixed_date"\n'
    'obligation = "report"\nfixed = "01-15"\nmet_by = "test.reported"\nmet_when = { item = [1] }\n'
)
ITEM = '\n[[plan_item]]\nnumber = 1\narticle = "第一条"\ntitle = "报告"\nschedule = "1月15日前"\nshows = "reports"\nreport = "T-3"\n'


def said(shelf: Path) -> str:
    with pytest.raises(RulebookError) as refused:
        load(shelf)
    return str(refused.value)


def swapped(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        (swapped(RULE, "obligation", "obligations"), "T-1: 未知字段 obligations，是否为 obligation？"),
        (swapped(RULE, '"T-1"', '"t-1"'), "规则编号不成立：'t-1'，应为大写字母、连字符和条号，例如 EXC-5a"),
        (swapped(RULE, 'id = "T-1"\n', ""), "第1条 [[rule]] 缺少 id"),
        (swapped(RULE, '"working_day"', '"工作日"'), "T-1: within 的单位不可能：'工作日'，应为 working_day、day、month、year、hour 之一"),
        (swapped(RULE, "= 7", "= 0"), 'T-1: within 的期限不可能：0，应为1至9999的整数；当日写作 { amount = 0, unit = "day" }'),
        (swapped(RULE, PERIOD, "within = 7"), 'T-1: within 应写作 { amount = 5, unit = "working_day" }'),
        (swapped(RULE, '"应当在七日内"', '" 应当在七日内"'), "T-1: quote 的首尾有空格或者换行"),
        (swapped(RULE, '"do_it"', '"公示"'), "T-1: obligation 不成立：公示，应为小写英文字母、数字和连字符"),
        (RULE + 'when = { act_kind = ["处罚"] }\n', "T-1: when 的 act_kind 不成立：处罚，应为程序中的英文名称"),
        (swapped(RULE, "deadline", "right"), "T-1: right 须写明是谁的权利：owed_by（当事人为 party）"),
        (RULE + "effective_from = 2020-01-01\n", "T-1: 有效期间不成立：规则自2020-01-01起，而文件自2021-01-01起才施行"),
        (RULE + swapped(EXTENSION, '"chief"', '"局长"'), "T-2: approver 不认识 '局长'，应为 section_head（科室负责人）、leader（分管负责人）、chief（主要负责人）"),
        (RULE + swapped(EXTENSION, '"chief"', '"government_head"'), 'T-2: approver government_head 不在本机关，应标 enforced = "later"'),
        (RULE + swapped(EXTENSION, '"T-1"', '"T-11"'), "T-2: extends 所指规则 T-11 不存在，是否为 T-1？"),
        (swapped(YEARLY, "01-15", "1月15日") + ITEM, "T-3: fixed 不是每年都有的日期：'1月15日'，1月15日写作 \"01-15\""),
        (swapped(YEARLY, 'fixed = "01-15"', 'fixed = "01-15"\nby_day = 10'), "T-3: by_day 是季度、半年结束后次月的日子"),
        (swapped(YEARLY, '"01-15"', "2026-01-15") + ITEM, 'T-3: fixed 不是每年都有的日期：2026-01-15，1月15日写作 "01-15"'),
        (swapped(YEARLY, 'met_by = "test.reported"\nmet_when = { item = [1] }\n', ""), 'T-3: 没有任何执行机制：写明 met_by；'),
        (RULE + swapped(EXTENSION, '"T-1"', '"T"'), "T-2: extends 所指规则 T 不存在"),
        (RULE + 'terms_of = "T-1"\n', "T-1: terms_of 应为别的文件中的规则，不得写自己"),
        (RULE + 'replaces = "T-0"\n', "T-1: 未知字段 replaces：它属于[instrument]"),
        ('[[article]]\nprofile = "x"\nnumber = "第二条"\n' + RULE, "第2个 [[article]]: 未知字段 profile：它属于[instrument]"),
        (swapped(RULE, "deadline", "retention"), "T-1: retention 是保管多久，不产生要办的事，不得有 opens_on"),
        (swapped(RULE, "示例期限", "长" * 121), "T-1: title 最长120个字，现有121个"),
        (swapped(RULE, '"do_it"', f'"{"d" * 81}"'), "T-1: obligation 最长80个字，现有81个"),
        (swapped(RULE, "T-1", "T-" + "1" * 39), f"T-{'1' * 39}: id 最长40个字，现有41个"),
        (RULE + f'items = {{ a = "{"长" * 101}" }}\n', "T-1: items 的 a 最长100个字，现有101个"),
        (RULE + 'items = { a = "甲\u200b" }\n', "T-1: items 的 a 有看不见的字符（U+200B），请删去或者重新输入"),
        (RULE + f'allows_pause_of = ["T-1"]\npause_kinds = ["{"k" * 21}"]\n', "T-1: pause_kinds 最长20个字，现有21个"),
        (YEARLY + swapped(ITEM, '"报告"', f'"{"长" * 121}"'), "plan_item 1: title 最长120个字，现有121个"),
        (swapped(RULE, "示例期限", "示例\u200b期限"), "T-1: title 有看不见的字符（U+200B），请删去或者重新输入"),
        (swapped(RULE, "test.happened", "test.happened\ufeff"), "T-1: opens_on 有看不见的字符（U+FEFF），请删去或者重新输入"),
        (RULE + YEARLY + ITEM + ITEM, "[[plan_item]] 的 number 应依次递增，不得重复"),
        (YEARLY + swapped(ITEM, '"T-3"', '"T-33"'), "plan_item 1: 所指规则 T-33 不存在，是否为 T-3？"),
        (YEARLY + swapped(ITEM, "第一条", "第1条"), "plan_item 1: 所引第1条不在条文目录中"),
        (RULE + swapped(ITEM, '"T-3"', '"T-1"'), "plan_item 1: report 所指规则 T-1 应为 fixed_date 或者 period，有 met_by"),
        (YEARLY + swapped(ITEM, '"reports"', '"report"'), "plan_item 1: shows 不认识 'report'，应为 duties、reviews、reports、nothing 之一"),
    ],
)  # fmt: skip
def test_a_slip_in_a_rule_is_named_with_what_to_write(shelf: Shelf, rule: str, advice: str) -> None:
    assert said(shelf(rule=rule)).startswith(f"measures.toml: {advice}")


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        (
            "title = 公示",
            "第13行 title = 公示　值写得不对，文字两边要用半角双引号，数字用阿拉伯数字，是、否写作 true、false",
        ),
        (
            "title = “公示”",
            "第13行 title = “公示”　值写得不对，文字两边要用半角双引号，数字用阿拉伯数字，是、否写作 true、false；这一行有全角的 “ ，应为半角",
        ),
        ('title = "公示', '第13行 title = "公示　引号没有成对'),
        ('title ＝ "公示"', '第13行 title ＝ "公示"　字段名后面要用半角等号 =；这一行有全角的 ＝ ，应为半角'),
        ("issued_on = 2024-7-1", "第13行 issued_on = 2024-7-1　一行只能写一项；日期写作 2024-07-01，月和日都是两位"),
        ("issued_on = 2024-06-31", "第13行 issued_on = 2024-06-31　没有这一天，或者没有这个时刻"),
        ('items = ["甲" "乙"]', '第13行 items = ["甲" "乙"]　方括号 [ ] 没有成对，或者两项之间少了逗号'),
        (
            'title = "公示"处罚"决定"',
            '第13行 title = "公示"处罚"决定"　文字到第二个双引号就结束了：文字里面的引号写作“ ”，行末不加标点',
        ),
        (
            'title = "公示"。',
            '第13行 title = "公示"。　文字到第二个双引号就结束了：文字里面的引号写作“ ”，行末不加标点；这一行有全角的 。 ，应为半角',
        ),
        (
            '\u3000title = "公示"',
            '第13行 title = "公示"　这一行看不懂，应写作“字段 = 值”或者“[[rule]]”；这一行有全角空格或者不换行空格，应为半角空格',
        ),
        ("numbers = { yuan = 3,000 }", "第13行 numbers = { yuan = 3,000 }　字段名后面要用半角等号 =；数字中间不加逗号"),
        (
            "issued_on = ２０２４-07-01",
            "第13行 issued_on = ２０２４-07-01　值写得不对，文字两边要用半角双引号，数字用阿拉伯数字，是、否写作 true、false；这一行有全角的 ２ ，应为半角",
        ),
        ("公示", "第13行 公示　这一行看不懂，应写作“字段 = 值”或者“[[rule]]”"),
        ('number = "第二条"', '第13行 number = "第二条"　同一个字段写了两次'),
        ("within = [", "没有写完，引号或者括号没有成对（到文件末尾）"),
    ],
)
def test_a_slip_in_the_writing_is_shown_with_its_line(shelf: Shelf, line: str, advice: str) -> None:
    text = said(shelf(instrument=INSTRUMENT + f"{line}\n", rule=""))
    assert text == f"measures.toml: 不是有效的TOML：{advice}"
    assert not re.search(r"[A-Za-z]{4,} [a-z]{2,}", text.partition("　")[2]), "English is left"


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_another_encoding_is_named_with_the_way_out(shelf: Shelf, encoding: str) -> None:
    root = shelf()
    (root / "instruments" / "measures.toml").write_bytes((INSTRUMENT + RULE).encode(encoding))
    assert said(root) == "measures.toml: 读不出来：不是UTF-8编码（可能是GBK或者UTF-16），请用编辑器另存为UTF-8"


def test_a_byte_order_mark_and_line_ends_of_windows_change_nothing(shelf: Shelf) -> None:
    plain = load(shelf()).digest
    root = shelf()
    text = (INSTRUMENT + RULE).replace("\n", "\r\n")
    (root / "instruments" / "measures.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load(root).digest == plain


def test_a_file_in_the_wrong_folder_is_sent_to_the_right_one(shelf: Shelf) -> None:
    root = shelf()
    measures, profile = root / "instruments" / "measures.toml", root / "profiles" / "test-profile.toml"
    measures.rename(root / "profiles" / "measures.toml")
    assert said(root) == "measures.toml: 这是一份文件（[instrument]），应放在 instruments 目录"
    (root / "profiles" / "measures.toml").rename(measures)
    profile.rename(root / "instruments" / "test-profile.toml")
    assert said(root) == "test-profile.toml: 这是机关的规则档案，应放在 profiles 目录"
    (root / "instruments" / "test-profile.toml").rename(profile)
    measures.rename(root / "instruments" / "measures.toml.txt")
    assert said(root) == (
        "test-profile.toml: instruments 所列 test-measures 不存在：instruments 目录中没有这个编号的文件（文件名须以 .toml 结尾）"
    )


def test_a_folder_that_is_named_like_a_file_is_refused(shelf: Shelf) -> None:
    root = shelf()
    (root / "instruments" / "more.toml").mkdir()
    assert said(root) == "more.toml: 读不出来：这是目录，不是文件"


@pytest.mark.parametrize(
    ("alerts", "advice"),
    [
        ("escalation = { section_head = 2 }", "alerts 的 escalation.section_head 应为 overdue 所列的工作日数之一：1、3、5、10、20"),
        ('id = "test-profile"', "alerts 有未知字段 id：规则档案自己的字段应写在 [alerts] 之前"),
        ("[alerts.urgent]\nhours = 3", "alerts 的 urgent 有未知字段 hours：它属于 [alerts]，应写在 [alerts.urgent] 之前"),
    ],
)  # fmt: skip
def test_a_slip_in_the_alerts_is_named(shelf: Shelf, alerts: str, advice: str) -> None:
    head = PROFILE.replace('id = "test-profile"\n', "") if "id =" in alerts else PROFILE
    assert said(shelf(profile=f"{head}\n[alerts]\n{alerts}\n")) == f"test-profile.toml: {advice}"


# --- doubts -------------------------------------------------------------------------------------------------------


def test_two_names_for_one_act_are_doubted_and_not_refused(shelf: Shelf) -> None:
    assert list(doubts(load(shelf(rule=RULE + REVIEW)))) == [
        "measures.toml: T-2: 与 T-1 起算和办结的事实相同，obligation 却不同（do_that、do_it）"
    ]
    assert list(doubts(load(shelf(rule=RULE + REVIEW.replace("do_that", "do_it").replace("七日", "八日"))))) == []


def test_a_document_that_its_own_profile_forgets_is_doubted(shelf: Shelf) -> None:
    other = INSTRUMENT.replace("test-measures", "other-measures") + RULE.replace("T-1", "O-1")
    forgotten = "other.toml: 规则档案 test-profile 的 instruments 没有列出本文件，它对本机关不适用"
    assert list(doubts(load(shelf(other=other)))) == [forgotten]
    assert list(doubts(load(shelf(other=other, profile=PROFILE + 'adopts = ["O-1"]\n')))) == []


def test_a_layer_that_others_list_whole_is_doubted_where_a_profile_leaves_it_out(shelf: Shelf) -> None:
    root = shelf(
        law=INSTRUMENT.replace("test-measures", "law").replace("示例办法", "示例法") + RULE.replace("T-1", "L-1")
    )
    law = PROFILE.replace("test-measures", "law")
    for name, listed in (("whole", "law"), ("one", 'law", "test-measures'), ("two", 'law", "test-measures')):
        text = law.replace("test-profile", name).replace("示例局", name).replace('"law"', f'"{listed}"')
        (root / "profiles" / f"{name}.toml").write_text(text, encoding="utf-8")
    told = "test-profile.toml: instruments 没有列出 law，其中的规则对本机关不起作用；whole.toml 的文件各机关都适用"
    found = list(doubts(load(root)))
    assert told in found
    (root / "profiles" / "two.toml").unlink()
    assert told not in list(doubts(load(root))), "one profile that builds on another makes no layer"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"示例办法"', '"《示例办法》"', "title、short_title 不写书名号，页面会加上"),
        (
            "[instrument]\n",
            "[instrument]\nissued_on = 2021-01-02\n",
            "issued_on 2021-01-02 晚于 effective_from 2021-01-01",
        ),
    ],
)
def test_a_head_that_reads_wrongly_is_doubted(shelf: Shelf, old: str, new: str, told: str) -> None:
    assert list(doubts(load(shelf(instrument=swapped(INSTRUMENT, old, new))))) == [f"measures.toml: {told}"]


def test_two_profiles_of_one_name_and_a_pause_without_reasons_are_doubted(shelf: Shelf) -> None:
    pause = (
        '\n[[rule]]\nid = "T-5"\narticle = "第一条"\nquote = "不计入"\ntitle = "暂停"\nkind = "record"\n'
        'obligation = "pause"\nallows_pause_of = ["T-1"]\npause_kinds = ["supplement"]\n'
    )
    root = shelf(rule=RULE + pause)
    (root / "profiles" / "zz.toml").write_text(PROFILE.replace("test-profile", "zz"), encoding="utf-8")
    assert list(doubts(load(root))) == [
        "zz.toml: title 与 test-profile.toml 相同，选择规则档案时分不出来",
        "measures.toml: T-5: 暂停的理由没有名称，页面上选不出来：items 中写明 pause_kinds 的每一种",
    ]


def test_a_period_that_only_its_next_beginning_ends_is_doubted(shelf: Shelf) -> None:
    assert list(doubts(load(shelf(rule=swapped(RULE, "test.done", "test.happened"))))) == [
        "measures.toml: T-1: test.happened 既起算又办结：再次发生才办结上一期，只发生一次的永远不能办结"
    ]


def test_a_local_document_never_replaces_the_law_above_it(shelf: Shelf) -> None:
    law = INSTRUMENT.replace("test-measures", "law").replace("示例办法", "示例法").replace("2021", "2020")
    local = INSTRUMENT.replace('profile = "', 'replaces = "law"\nprofile = "')
    profile = PROFILE.replace('"test-measures"', '"law", "test-measures"')
    root = shelf(
        instrument=local, profile=profile, law=law.replace('"test-profile"', '"above"') + RULE.replace("T-1", "L-1")
    )
    (root / "profiles" / "above.toml").write_text(
        'id = "above"\ntitle = "国家"\ninstruments = ["law"]\n', encoding="utf-8"
    )
    assert said(root).startswith("measures.toml: replaces 所列 law 是上一层的文件（above），本机关的文件不能代替它")


def test_two_names_for_one_extension_are_doubted(shelf: Shelf) -> None:
    second = EXTENSION.replace("T-2", "T-4").replace('"extend"', '"extend_it"')
    assert list(doubts(load(shelf(rule=RULE + EXTENSION + second)))) == [
        "measures.toml: T-4: 与 T-2 延长的是同一行为的期限，obligation 却不同（extend_it、extend）"
    ]


def test_a_yearly_report_needs_no_plan_that_asks_for_it(shelf: Shelf) -> None:
    second = YEARLY.replace("T-3", "T-4").replace('"report"', '"report_more"')
    assert list(doubts(load(shelf(rule=YEARLY + ITEM + second)))) == []


def test_the_product_itself_leaves_no_doubt(book: Rulebook) -> None:
    assert list(doubts(book)) == []


# --- what a sixth city may want ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "by_day", "asked", "last", "alert"),
    [
        # Saturday 10 January 2026: named days never roll, one is warned on Friday (Sunday 4 January is worked, Saturday 10 is not)
        ("quarter", 10, date(2025, 11, 5), date(2026, 1, 10), date(2026, 1, 9)),
        ("quarter", 10, date(2026, 3, 31), date(2026, 4, 10), date(2026, 4, 10)),
        ("half_year", 15, date(2026, 1, 1), date(2026, 7, 15), date(2026, 7, 15)),
        # without a day the half year itself is the term: Tuesday 30 June 2026
        ("half_year", None, date(2026, 6, 30), date(2026, 6, 30), date(2026, 6, 30)),
    ],
)
def test_a_return_is_owed_by_a_day_of_the_month_after_its_span(
    shelf: Shelf, calendar: Calendar, each: str, by_day: int | None, asked: date, last: date, alert: date
) -> None:
    term = f'each = "{each}"\nnil_allowed = true\n' + (f"by_day = {by_day}\n" if by_day else "")
    rule = RULE.replace("deadline", "period").replace(PERIOD, term).replace('opens_on = "test.happened"\n', "")
    answer = due("T-1", asked, calendar=calendar, rulebook=load(shelf(rule=rule)))
    assert (answer.day, answer.alert_from, answer.due.hour) == (last, alert, 23)
    assert answer.conventions == ((f"“次月{by_day}日前”按包括当日计算，遇休息日不顺延",) if by_day else ())


@pytest.mark.parametrize("day", [0, 29, 31])
def test_a_day_that_not_every_month_has_is_refused(shelf: Shelf, day: int) -> None:
    rule = (
        RULE.replace("deadline", "period").replace(PERIOD, f'each = "quarter"\nby_day = {day}').replace("opens_on", "#")
    )
    assert said(shelf(rule=rule)) == f"measures.toml: T-1: by_day 不是每月都有的日子：{day}"


def test_of_two_terms_of_a_right_the_longer_holds_and_of_a_duty_the_earlier(shelf: Shelf, calendar: Calendar) -> None:
    for kind, governs in (("right", "T-1"), ("deadline", "T-2")):
        long = RULE.replace("deadline", kind) + 'owed_by = "party"\n'
        book = load(shelf(rule=long + long.replace("T-1", "T-2").replace("amount = 7", "amount = 3")))
        both = [due(name, date(2026, 3, 2), calendar=calendar, rulebook=book) for name in ("T-1", "T-2")]
        assert governing(both).rule.id == governing(both[::-1]).rule.id == governs


def test_an_amended_rule_is_counted_in_the_version_of_the_day(shelf: Shelf, calendar: Calendar) -> None:
    hours = RULE.replace('amount = 7, unit = "working_day"', 'amount = 48, unit = "hour"')
    book = load(
        shelf(rule=hours + "effective_to = 2024-06-30\n" + hours.replace("48", "24") + "effective_from = 2024-07-01\n")
    )
    for began, ends in (
        (datetime(2024, 6, 30, 9, tzinfo=SHANGHAI), 48),
        (datetime(2024, 7, 1, 9, tzinfo=SHANGHAI), 24),
    ):
        assert due("T-1", began, calendar=calendar, rulebook=book).due == began + timedelta(hours=ends)


# --- the page ---------------------------------------------------------------------------------------------------


def test_the_page_of_the_format_lists_every_field_and_every_word() -> None:
    page = FORMAT.read_text(encoding="utf-8")
    fields = {
        *reading._INSTRUMENT_FIELDS, *reading._ARTICLE_FIELDS, *reading._RULE_FIELDS, *reading._PROFILE_FIELDS,
        *alerting._FIELDS, *planning._FIELDS,
    }  # fmt: skip
    words = {*fields, *KINDS, *UNITS, *APPROVERS, *SHOWN_OF_ITEMS}
    assert [word for word in sorted(words) if not re.search(rf"[`\[{{ ]{word}[`\] =:]", page)] == []
