"""Two people act on one file at the same moment: exactly one wins, the other reads why."""

from __future__ import annotations

from config.demo.bureau import TO_DRAFT, TO_OPINION
from core.models import FactRecord
from tests.browser.people import Official


def press_together(button: str, *people: Official) -> tuple[Official, Official]:
    """Both press before either has an answer. Returns who won, and who did not."""
    one, other = people
    with one.page.expect_navigation(), other.page.expect_navigation():
        for each in people:
            each.main.get_by_role("button", name=button, exact=True).click(no_wait_after=True)
    won = [each for each in people if each.main.get_by_text(f"已办理：{button}").count()]
    assert len(won) == 1, [each.complaints() for each in people]
    for each in people:
        each.watch.look(each.page)
    return (one, other) if won == [one] else (other, one)


def test_of_two_reviewers_one_accepts_and_the_other_sees_by_whom(sign_in, told):
    case = told((*TO_DRAFT, "submit"))
    zhao, qian = sign_in("zhao"), sign_in("qian")
    for each in (zhao, qian):
        each.open("/desk/reviews/")
        each.follow_first(case.title)
        each.begin("接收完备材料")
        each.fill(no_conflict=True)
    won, lost = press_together("接收完备材料", zhao, qian)
    lost.sees("不能再办理“接收完备材料”", "审核中")
    lost.keep_picture("two-at-once")
    assert lost.fact("审核人") == won.name
    assert "由接收材料的审核人员办理" in lost.blocked("填写审核要点").inner_text()


def test_of_two_leaders_one_decides_and_the_other_sees_why_not(sign_in, told):
    case = told(TO_OPINION)
    zhou, zheng = sign_in("zhou"), sign_in("zheng")
    for each in (zhou, zheng):
        each.open(f"{case.get_absolute_url()}steps/decide/")
        each.fill(sealed=True)
    _, lost = press_together("作出处罚决定", zhou, zheng)
    lost.sees("已决定", "不能再办理“作出处罚决定”")
    assert FactRecord.objects.filter(name="enforcement.decision_made", stream=case.stream).count() == 1


def test_who_comes_late_to_a_page_long_open_sees_who_was_faster(sign_in, told):
    case = told((*TO_DRAFT, "submit"))
    zhao, qian = sign_in("zhao"), sign_in("qian")
    for each in (zhao, qian):
        each.open("/desk/reviews/")
        each.follow_first(case.title)
    zhao.take("接收完备材料", no_conflict=True)
    qian.follow("办理：接收完备材料")
    qian.sees("不能再办理“接收完备材料”", "赵样本")
