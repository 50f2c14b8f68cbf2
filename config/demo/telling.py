"""The steps of the demonstration's stories, each taken by the real service, in the order in which they happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Any

from django.utils import timezone

from config.demo.people import Cast
from config.demo.stories import TEAMS, Story
from config.demo.words import ESTABLISHED, ORDERS, REMEDIES, SUMMARIES, SURNAMES, VIOLATED, credit_code
from core import calendars
from disclosure import services as disclosure
from disclosure.selectors import notice_of_case
from enforcement import services as enforcement
from enforcement.selectors import draft_defaults, evidence_list, findings_so_far, notice_defaults
from legalreview import services as legalreview
from legalreview.forms import items_of
from legalreview.selectors import reviews_of


def tell(stories: Iterable[Story], cast: Cast, *, today: date) -> None:
    """Take all steps of all stories in the order in which they happened, so that numbers run with time."""
    heap: list[tuple[datetime, int, Iterator[datetime | None], Story]] = []
    for number, story in enumerate(stories, start=1):
        story.number = number
        course = _course(story, cast, today)
        first = next(course)
        assert first is not None
        heap.append((first, number, course, story))
    heapify(heap)
    while heap:
        _, number, course, story = heappop(heap)
        following = next(course, None)
        if following is not None:
            heappush(heap, (following, number, course, story))


def _course(story: Story, cast: Cast, today: date) -> Iterator[datetime | None]:
    """Announce the moment of each step, and take it when asked for the next."""
    teller = Teller(story, cast)
    for name, at in zip(story.steps, story.moments(today), strict=True):
        yield at
        getattr(teller, name)(at)


class Teller:
    """The steps of one story. Every method takes one real step at one moment."""

    def __init__(self, story: Story, cast: Cast) -> None:
        self.story = story
        self.cast = cast
        staff, second, head = TEAMS[story.unit]
        if story.unit == "inspection" and story.number % 3 == 0:
            staff, second = second, staff
        self.lead, self.co, self.head = cast.people[staff], cast.people[second], cast.people[head]
        self.leader = cast.people["zhou"]
        self.reviewer = cast.people["zhao" if story.number % 2 else "qian"]
        self.publisher = cast.people["sun"]

    def register(self, at: datetime) -> None:
        story = self.story
        complaint = story.channel == "complaint"
        story.case = enforcement.register_source(
            unit=self.cast.units[story.unit],
            channel=story.channel,
            received_at=at,
            summary=SUMMARIES[story.violation].format(party=story.party, workers=story.workers),
            violation=story.violation,
            party_name=story.party,
            category=story.category,
            credit_code=credit_code(story.number) if story.category == "organisation" else "",
            legal_representative=f"{SURNAMES[story.number % len(SURNAMES)]}某某（示例）",
            address=f"威海市示例区示例路{story.number * 3}号",
            complainant_name=f"{SURNAMES[(story.number + 3) % len(SURNAMES)]}投诉（示例）" if complaint else "",
            complainant_phone="13000000000" if complaint else "",
            workers_affected=story.workers,
            by=self.lead,
        )

    def propose(self, at: datetime) -> None:
        enforcement.propose_initiation(
            case=self.story.the_case,
            by=self.lead,
            happened_at=at,
            violation=self.story.violation,
            reason="反映的事实有初步材料佐证，涉嫌违反劳动保障规定，需要立案调查。",
            lead=self.lead,
            co_officers=[self.co],
        )

    def send_back(self, at: datetime) -> None:
        enforcement.send_back_initiation(
            case=self.story.the_case, by=self.head, happened_at=at, remarks="请补充工资发放记录后重新呈报。"
        )

    def accept(self, at: datetime) -> None:
        enforcement.accept_case(case=self.story.the_case, by=self.head, happened_at=at)

    def visit(self, at: datetime) -> None:
        self._evidence(
            "site_inspection",
            at,
            minutes=80,
            summary="核对考勤记录、工资表和劳动合同，制作现场检查笔录，当事人负责人在场签字。",
        )

    def interview(self, at: datetime) -> None:
        self._evidence(
            "interview", at, minutes=55, summary="询问用人单位负责人和劳动者代表，制作询问笔录，当事人核对无误后签字。"
        )

    def _evidence(self, kind: str, at: datetime, *, minutes: int, summary: str) -> None:
        enforcement.record_evidence_act(
            case=self.story.the_case,
            by=self.lead,
            kind=kind,
            started_at=at,
            ended_at=at + timedelta(minutes=minutes),
            place=f"{self.story.party}办公场所",
            officers=[self.lead, self.co],
            persons="单位负责人、劳动者代表",
            certificates_shown=True,
            rights_told=True,
            preservation=None,
            summary=summary,
            note=None,
        )

    def order(self, at: datetime) -> None:
        due_on = calendars.current().nth_working_day(timezone.localdate(at), 5)
        enforcement.order_correction(
            case=self.story.the_case,
            by=self.lead,
            happened_at=at,
            content=ORDERS[self.story.violation],
            due_on=due_on,
            recipient="单位负责人（示例）",
        )

    def verify(self, at: datetime) -> None:
        case = self.story.the_case
        obeyed = self.story.steps[-1] == "dismiss"
        enforcement.verify_correction(
            case=case,
            by=self.lead,
            happened_at=at,
            order=case.corrections.get(),
            result="obeyed" if obeyed else "not_obeyed",
            verification="已足额支付并提交支付凭证。" if obeyed else "到期核查，当事人仍未改正，也没有提交书面说明。",
        )

    def end(self, at: datetime) -> None:
        """Unpaid wages are a state that goes on; hours too long end with the month of which the complaint speaks."""
        case = self.story.the_case
        ended = None
        if case.violation == "inspection-25":
            ended = timezone.localdate(case.source.received_at).replace(day=1) - timedelta(days=1)
        enforcement.state_act_end(
            case=case,
            by=self.lead,
            happened_at=at,
            act_end="ended" if ended else "continues",
            act_ended_on=ended,
            basis="考勤记录显示，超时加班到上月底为止。" if ended else "到核查之日，当事人仍未改正。",
            grave_harm="",
            grave_reason="",
            discovered_at=None,
        )

    def conclude(self, at: datetime) -> None:
        case = self.story.the_case
        enforcement.close_investigation(
            case=case,
            by=self.lead,
            happened_at=at,
            violation=ESTABLISHED.get(case.violation, case.violation),
            findings=findings_so_far(case),
            evidence=evidence_list(case),
            opinion="违法事实清楚，证据充分，建议依法给予行政处罚。",
            is_complex=False,
            complex_reason="",
        )

    def notify(self, at: datetime) -> None:
        case = self.story.the_case
        known = notice_defaults(case, None)
        enforcement.notify_rights(
            case=case,
            by=self.lead,
            happened_at=at,
            facts_found=known["facts_found"],
            reasons="当事人的行为破坏劳动保障管理秩序，损害劳动者合法权益，依法应当给予行政处罚。",
            basis=known["basis"],
            penalties=self._penalties(),
            fine=Decimal(self.story.fine),
            base=Decimal(self.story.base) if self.story.base else None,
            penalty_details="",
            hearing_offered=self.story.fine >= 20000,
            recipient="单位负责人（示例）",
        )

    def _penalties(self) -> list[str]:
        return ["warning", "fine"] if self.story.violation == "inspection-25" else ["fine"]

    def waive(self, at: datetime) -> None:
        enforcement.record_rights_answer(
            case=self.story.the_case,
            by=self.lead,
            happened_at=at,
            kind="waived",
            content="书面声明放弃陈述、申辩和听证。",
            review="",
            is_adopted=None,
            file=None,
        )

    def state(self, at: datetime) -> None:
        enforcement.record_rights_answer(
            case=self.story.the_case,
            by=self.lead,
            happened_at=at,
            kind="statement",
            content="当事人称资金周转困难，请求减轻处罚。",
            review="资金周转困难不是拒不改正的法定理由，提出的事实不成立",
            is_adopted=False,
            file=None,
        )

    def draft(self, at: datetime) -> None:
        self._write(at, reason="当事人经责令后仍未改正，没有从轻、减轻情节，按一般档次处罚。")

    def redraft(self, at: datetime) -> None:
        self._write(at, reason="当事人经责令后仍未改正；涉及劳动者人数较少，按裁量基准的一般档次处罚，已补充裁量说明。")

    def _write(self, at: datetime, *, reason: str) -> None:
        case = self.story.the_case
        written = {"discretion_tier": "一般", "discretion_reason": reason, "remedies": REMEDIES, "violated": VIOLATED}
        text = draft_defaults(case) | written
        text.setdefault("added_grounds", [])
        text.setdefault("grounds_reason", "")
        enforcement.draft_decision(
            case=case, by=self.lead, happened_at=at, penalty_details="", **_without(text, "penalty_details")
        )

    def submit(self, at: datetime) -> None:
        case = self.story.the_case
        package = {
            item.key: {
                "label": item.label,
                "present": item.key != "other",
                "note": "未经听证、评估，不需要提交" if item.key == "hearing_or_assessment" else "",
            }
            for item in items_of("review_package_complete", case)
        }
        if "give_back" in self.story.steps and not reviews_of(case.pk):
            package["basis_and_evidence"]["present"] = False
        legalreview.submit_for_review(
            case=case,
            by=self.lead,
            happened_at=at,
            explanation="拟对当事人处以罚款，案件来源、调查经过和裁量理由见调查终结报告。",
            package=package,
        )

    def receive(self, at: datetime) -> None:
        legalreview.accept_package(review=self._review(), by=self.reviewer, happened_at=at, no_conflict=True)

    def give_back(self, at: datetime) -> None:
        legalreview.return_package(
            review=self._review(), by=self.reviewer, happened_at=at, remarks="缺少工资支付的书证，请补充后重新送审。"
        )

    def points(self, at: datetime) -> None:
        self._answer(at, fault="")

    def faulty_points(self, at: datetime) -> None:
        self._answer(at, fault="law_and_discretion")

    def _answer(self, at: datetime, *, fault: str) -> None:
        review = self._review()
        points = [
            {
                "key": item.key,
                "label": item.label,
                "answer": "problem" if item.key == fault else "sound",
                "is_grave": False,
                "remark": "没有说明适用该裁量档次的理由。" if item.key == fault else "",
            }
            for item in items_of("review_points_answered", review)
        ]
        legalreview.answer_points(review=review, by=self.reviewer, happened_at=at, points=points)

    def pause(self, at: datetime) -> None:
        legalreview.pause_clock(
            review=self._review(), by=self.reviewer, happened_at=at, kind="supplement", remarks="请补充劳动者名册。"
        )

    def agree(self, at: datetime) -> None:
        self._opine(
            at, "agree", "经审核，主体合法，事实清楚，证据合法充分，依据准确，裁量适当，程序合法，文书完备规范，同意。"
        )

    def correct(self, at: datetime) -> None:
        self._opine(at, "correct", "裁量理由不充分，请补充后重新送审。")

    def _opine(self, at: datetime, opinion: str, text: str) -> None:
        legalreview.issue_opinion(
            review=self._review(), by=self.reviewer, happened_at=at, opinion=opinion, opinion_text=text
        )

    def _review(self) -> Any:
        assert self.story.case is not None
        return reviews_of(self.story.case.pk)[0]

    def decide(self, at: datetime) -> None:
        enforcement.issue_decision(case=self.story.the_case, by=self.leader, happened_at=at, sealed=True)

    def serve(self, at: datetime) -> None:
        enforcement.serve_decision(
            case=self.story.the_case,
            by=self.lead,
            happened_at=at,
            method="direct",
            recipient="单位负责人（示例）",
            place=f"{self.story.party}办公场所",
            consent_signed=False,
            receipt=None,
        )

    def prepare(self, at: datetime) -> None:
        notice = self._notice()
        disclosure.submit_for_publication(
            notice=notice,
            facts_found=notice.facts,
            basis=notice.basis,
            content=notice.content,
            happened_at=at,
            by=self.lead,
        )

    def _notice(self) -> Any:
        return notice_of_case(self.story.the_case.pk)

    def publish(self, at: datetime) -> None:
        disclosure.approve_and_publish(notice=self._notice(), happened_at=at, by=self.publisher)

    def exclude(self, at: datetime) -> None:
        disclosure.propose_exclusion(
            notice=self._notice(),
            ground="trade_secret",
            reason="决定书载明的工时定额和计件单价属于当事人采取保密措施的经营信息，当事人书面要求不公开。",
            happened_at=at,
            by=self.lead,
        )

    def withhold(self, at: datetime) -> None:
        disclosure.withhold(notice=self._notice(), happened_at=at, by=self.publisher)

    def revoke(self, at: datetime) -> None:
        was_published = "publish" in self.story.steps
        enforcement.revoke_decision(
            case=self.story.the_case,
            by=self.leader,
            happened_at=at,
            ground="revoked",
            reason="行政复议机关以主要证据不足为由撤销原处罚决定（示例复决字〔示例〕1号），罚款已按规定退还。"
            if was_published
            else "送达前复核发现当事人名称认定有误，由本机关自行撤销（示例撤字〔示例〕1号），另行依法处理。",
        )

    def withdraw(self, at: datetime) -> None:
        disclosure.withdraw(
            notice=self._notice(), reason="原处罚决定已被行政复议机关依法撤销。", happened_at=at, by=self.head
        )

    def cancel(self, at: datetime) -> None:
        disclosure.cancel(notice=self._notice(), happened_at=at, by=self.lead)

    def pay(self, at: datetime) -> None:
        case = self.story.the_case
        enforcement.record_payment(
            case=case,
            by=self.lead,
            happened_at=at,
            amount=Decimal(self.story.fine),
            surcharge=Decimal(0),
            receipt_number=f"示例{self.story.number:06d}",
            receipt=None,
        )

    def urge(self, at: datetime) -> None:
        case = self.story.the_case
        enforcement.demand_performance(
            case=case,
            by=self.lead,
            happened_at=at,
            content=f"罚款{self.story.fine:,}元到期没有缴纳，请在催告书载明的期限内缴纳。",
            recipient="单位负责人（示例）",
            file=None,
        )

    def lapse(self, at: datetime) -> None:
        enforcement.state_remedies_ended(
            case=self.story.the_case,
            by=self.lead,
            happened_at=at,
            ended_on=timezone.localdate(at) - timedelta(days=3),
            basis="经向复议机关和人民法院查询（示例），当事人在法定期限内没有申请行政复议，也没有提起行政诉讼。",
        )

    def ask_court(self, at: datetime) -> None:
        enforcement.apply_to_court(
            case=self.story.the_case, by=self.leader, happened_at=at, court="威海市示例区人民法院", file=None
        )

    def close(self, at: datetime) -> None:
        enforcement.close_case(
            case=self.story.the_case, by=self.head, happened_at=at, reason="罚款已缴清，处罚已执行完毕，同意结案。"
        )

    def not_file(self, at: datetime) -> None:
        enforcement.not_file(
            case=self.story.the_case,
            by=self.head,
            happened_at=at,
            ground="other_procedure",
            reason="双方对加班事实有争议，已告知通过劳动争议处理程序解决。",
        )

    def dismiss(self, at: datetime) -> None:
        enforcement.dismiss_case(
            case=self.story.the_case,
            by=self.leader,
            happened_at=at,
            ground="corrected",
            reason="情节轻微，当事人已在期限内足额支付并改正。",
        )


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
