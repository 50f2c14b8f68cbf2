"""Who may see a recording, and that each viewing is written down before the first byte."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core import ledger
from core.access import NotPermitted
from core.models import FactRecord, Grant, LedgerEntry
from recording import services
from recording.models import AccessRequest, Recording
from recording.services import RecordingRefused
from tests.enforcement.factories import Bureau, fresh
from tests.recording import samples
from tests.recording.acts import kept, register, store


def content_url(recording: Recording, extra: str = "") -> str:
    return reverse("recording:content", args=[recording.pk]) + extra


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def see(browser: Any, recording: Recording, **headers: str) -> Any:
    """Ask for the content and read it to its end, as a player does."""
    answer = browser.get(content_url(recording), headers=headers)
    if answer.streaming:
        body(answer)
    return answer


def viewings(recording: Recording) -> list[int]:
    lines = FactRecord.objects.filter(stream=recording.stream, name="recording.accessed").order_by("pk")
    return [row.recorded_by_id for row in lines]


def test_the_officer_sees_the_whole_as_received(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    recording = kept(bureau, act, tmp_path)
    answer = desk(bureau.lead).get(content_url(recording))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "video/mp4"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    assert body(answer) == (tmp_path / "a.mp4").read_bytes()


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-", 206, (0, None)),
        ("bytes=10-19", 206, (10, 20)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=0-99999999", 206, (0, None)),
        ("bytes=5-2", 200, (0, None)),
        ("bytes=0-1,4-5", 200, (0, None)),
        ("pages=1-2", 200, (0, None)),
        ("bytes=-", 200, (0, None)),
        ("bytes=99999999-", 416, None),
        ("bytes=-0", 416, None),
    ],
)
def test_a_player_gets_the_range_it_asks_for(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, asked: str, status: int, span: tuple[int, int | None] | None
) -> None:
    recording = kept(bureau, act, tmp_path)
    content = (tmp_path / "a.mp4").read_bytes()
    answer = desk(bureau.lead).get(content_url(recording), headers={"Range": asked})
    assert answer.status_code == status
    if span is None:
        assert answer["Content-Range"] == f"bytes */{len(content)}"
        return
    part = content[span[0] : span[1]]
    assert answer["Content-Length"] == str(len(part))
    assert body(answer) == part
    if status == 206:
        first = span[0] if span[0] >= 0 else len(content) + span[0]
        assert answer["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(content)}"


def test_one_sitting_is_one_line_and_another_persons_is_another(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    recording = kept(bureau, act, tmp_path)
    for browser in (desk(bureau.lead), desk(bureau.head)):
        for asked in ("bytes=0-9", "bytes=10-19"):
            see(browser, recording, Range=asked)
    assert viewings(recording) == [bureau.lead.pk, bureau.head.pk]


def test_another_sitting_is_another_line(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = kept(bureau, act, tmp_path)
    see(desk(bureau.lead), recording)
    monkeypatch.setattr(services, "SITTING", timedelta(0))
    see(desk(bureau.lead), recording)
    assert viewings(recording) == [bureau.lead.pk] * 2


def test_looking_at_the_page_is_no_viewing(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    recording = kept(bureau, act, tmp_path)
    page = desk(bureau.lead).get(recording.get_absolute_url())
    assert 'preload="none"' in page.content.decode()
    assert viewings(recording) == []


def test_no_record_no_content(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = kept(bureau, act, tmp_path)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the ledger does not answer")

    monkeypatch.setattr(ledger, "append", fail)
    opened: list[Any] = []
    monkeypatch.setattr("core.store.open_stored", lambda stored: opened.append(stored))
    browser = desk(bureau.lead)
    browser.raise_request_exception = False
    assert browser.get(content_url(recording)).status_code == 500
    assert opened == []


def test_the_line_stands_before_the_first_byte(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = kept(bureau, act, tmp_path)
    from core import store

    known: list[int] = []
    real = store.open_stored
    monkeypatch.setattr(
        store,
        "open_stored",
        lambda stored: (
            known.append(
                LedgerEntry.objects.filter(stream=recording.stream, body__contains="recording.accessed").count()
            ),
            real(stored),
        )[1],
    )
    body(desk(bureau.lead).get(content_url(recording)))
    assert known == [1]


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.rule("WH-PLAN-6.4a")
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("lead", 200),
        ("co", 200),
        ("head", 200),
        ("leader", 200),
        ("clerk", 403),
        ("stranger", 404),
        ("other_head", 404),
        ("auditor", 404),
    ],
)
def test_wh_plan_6_who_does_not_handle_the_case_needs_an_approval(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, who: str, status: int
) -> None:
    recording = kept(bureau, act, tmp_path)
    answer = see(desk(bureau.all[who]), recording)
    assert answer.status_code == status
    assert viewings(recording) == ([bureau.all[who].pk] if status == 200 else [])
    if status == 403:
        assert "调阅音像记录须经审批" in answer.content.decode()


@pytest.mark.rule("WH-PLAN-6.4a")
def test_wh_plan_6_an_approved_request_opens_the_recording_until_its_day_is_over(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    recording = kept(bureau, act, tmp_path)
    clerk, head = desk(bureau.clerk), desk(bureau.head)
    today = timezone.localdate()
    answer = clerk.post(
        reverse("recording:request_access", args=[recording.pk]),
        {"purpose": "协助核对工资台账", "until": today.isoformat()},
    )
    request = AccessRequest.objects.get()
    assert answer["Location"] == request.get_absolute_url()
    assert see(clerk, recording).status_code == 403
    assert head.post(request.step_url("approve"), {"remarks": "同意"}).status_code == 302
    assert see(clerk, recording).status_code == 200
    grant = Grant.objects.get(stream=recording.stream, act="recording_access")
    assert grant.to_at is not None
    assert timezone.localtime(grant.to_at).date() == today
    Grant.objects.update(to_at=timezone.now() - timedelta(seconds=1))
    assert see(clerk, recording).status_code == 403
    names = FactRecord.objects.filter(stream=recording.stream, name__startswith="recording.access").order_by("pk")
    assert list(names.values_list("name", flat=True)) == [
        "recording.access_requested",
        "recording.access_approved",
        "recording.accessed",
    ]


def test_a_request_that_somebody_else_decided_meanwhile_answers_with_who_did(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    recording = kept(bureau, act, tmp_path)
    request = services.request_access(
        recording=recording, by=fresh(bureau.clerk), purpose="核对", until=date(2099, 1, 1)
    )
    services.approve_access(request=request, by=fresh(bureau.head), remarks="")
    for answer in (
        desk(bureau.leader).get(request.step_url("approve"), follow=True),
        desk(bureau.leader).post(request.step_url("refuse"), {"remarks": "不同意"}, follow=True),
    ):
        assert answer.redirect_chain == [(request.get_absolute_url(), 302)]
        assert f"{bureau.head.name}已于" in answer.content.decode()
    request.refresh_from_db()
    assert request.state == "approved"


@pytest.mark.rule("WH-PLAN-6.4a")
def test_wh_plan_6_nobody_decides_on_their_own_request_and_others_may_not_at_all(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = kept(bureau, act, tmp_path)
    request = services.request_access(
        recording=recording, by=fresh(bureau.clerk), purpose="核对", until=date(2099, 1, 1)
    )
    for who in (bureau.clerk, bureau.lead, bureau.other_head, bureau.stranger):
        with pytest.raises(NotPermitted) as refused:
            services.approve_access(request=request, by=fresh(who), remarks="")
        assert refused.value.permit.source == "本机关规定"  # the plan asks for an approval and leaves open whose
    assert not Grant.objects.filter(act="recording_access").exists()
    only_approved_by_another_in_the_table(bureau, request)


def only_approved_by_another(bureau: Bureau, recording: Recording) -> None:
    """Whoever writes: nobody approves what they asked for themselves, and no approval is without who and when."""
    request = services.request_access(
        recording=recording, by=fresh(bureau.clerk), purpose="核对", until=date(2099, 1, 1)
    )
    only_approved_by_another_in_the_table(bureau, request)


def only_approved_by_another_in_the_table(bureau: Bureau, request: AccessRequest) -> None:
    own = AccessRequest.objects.filter(pk=request.pk)
    decided = {"decided_at": timezone.now(), "state": "approved"}
    with pytest.raises(IntegrityError, match="nobody_approves_their_own_request_plan_6"), transaction.atomic():
        own.update(decided_by=bureau.clerk, **decided)
    with pytest.raises(IntegrityError, match="a_decided_request_has_who_and_when"), transaction.atomic():
        own.update(**decided)


def test_a_refusal_says_why_and_the_person_hears_of_it(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    from core.models import Alert

    recording = kept(bureau, act, tmp_path)
    request = services.request_access(
        recording=recording, by=fresh(bureau.clerk), purpose="核对", until=date(2099, 1, 1)
    )
    assert desk(bureau.head).post(request.step_url("refuse"), {"remarks": " "}).status_code == 422
    assert desk(bureau.head).post(request.step_url("refuse"), {"remarks": "与工作无关"}).status_code == 302
    assert Alert.objects.get(recipient=bureau.clerk, key__startswith="recording_access").body == "与工作无关"
    assert "与工作无关" in desk(bureau.clerk).get(request.get_absolute_url()).content.decode()


def test_one_asks_once_and_only_who_must(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = kept(bureau, act, tmp_path)
    services.request_access(recording=recording, by=fresh(bureau.clerk), purpose="核对", until=date(2099, 1, 1))
    with pytest.raises(RecordingRefused, match="还在审批中"):
        services.request_access(recording=recording, by=fresh(bureau.clerk), purpose="再问", until=date(2099, 1, 1))
    with pytest.raises(RecordingRefused, match="不需要申请"):
        services.request_access(recording=recording, by=fresh(bureau.lead), purpose="核对", until=date(2099, 1, 1))


# --- another section's recording ----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["stranger", "other_head", "auditor"])
def test_another_sections_recording_answers_like_an_absent_one(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, who: str
) -> None:
    recording = kept(bureau, act, tmp_path)
    browser = desk(bureau.all[who])
    request = services.request_access(
        recording=recording, by=fresh(bureau.clerk), purpose="核对", until=date(2099, 1, 1)
    )
    pages = [
        recording.get_absolute_url(),
        content_url(recording),
        recording.step_url("index"),
        recording.step_url("store"),
        recording.explain_url,
        reverse("recording:request_access", args=[recording.pk]),
        reverse("recording:upload", args=[act.pk]),
        reverse("recording:register", args=[act.pk]),
        request.get_absolute_url(),
        request.step_url("approve"),
        f"/api/v1/recordings/{recording.pk}/",
    ]
    for page in pages:
        assert browser.get(page).status_code == 404, page
        if "/api/" not in page and "/content/" not in page:
            assert browser.post(page, {}).status_code in (404, 405), page
    assert browser.get("/api/v1/recordings/").json()["results"] == []
    assert recording.case.title not in browser.get("/desk/recordings/?show=all").content.decode()


def test_lists_and_single_recordings_agree_for_everybody(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    recording = kept(bureau, act, tmp_path)
    for name, person in bureau.all.items():
        browser = desk(person)
        single = browser.get(recording.get_absolute_url()).status_code == 200
        listed = recording.get_absolute_url() in browser.get("/desk/recordings/?show=all").content.decode()
        api = bool(browser.get("/api/v1/recordings/").json()["results"])
        assert single == listed == api, name


def test_sight_of_the_case_shows_the_recording_but_not_its_content(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    from core import access

    recording = kept(bureau, act, tmp_path)
    access.grant(stream=act.case.stream, act="legal_review", unit_id=bureau.legal.pk, from_at=timezone.now())
    browser = desk(bureau.reviewer)
    assert browser.get(recording.get_absolute_url()).status_code == 200
    assert see(browser, recording).status_code == 403


def test_sight_of_one_recording_shows_neither_its_siblings_nor_the_act_once_the_case_is_closed_to_them(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    from core import access

    recording = kept(bureau, act, tmp_path)
    sibling = register(bureau, act, start="2026-01-14 09:32", end="2026-01-14 09:50")
    now = timezone.now()
    access.grant(stream=act.case.stream, act="legal_review", unit_id=bureau.legal.pk, from_at=now)
    access.grant(stream=recording.stream, act="recording_access", official=bureau.reviewer, from_at=now)
    browser = desk(bureau.reviewer)
    addresses = [recording.get_absolute_url(), reverse("recording:request_access", args=[recording.pk])]
    addresses += [recording.explain_url, recording.step_url("index")]
    of_the_case = (f'href="{act.case.get_absolute_url()}"', act.persons)

    for address in addresses:
        assert all(each in browser.get(address).content.decode() for each in of_the_case), address
    assert sibling.get_absolute_url() in browser.get(addresses[0]).content.decode()

    access.revoke(stream=act.case.stream, act="legal_review")
    assert browser.get(sibling.get_absolute_url()).status_code == 404
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        shown = answer.content.decode()
        assert not [each for each in (*of_the_case, sibling.get_absolute_url()) if each in shown], address
        assert "片段2" not in shown
    assert see(browser, recording).status_code == 200


# --- files cannot hurt --------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [samples.page, samples.picture])
def test_what_is_no_recording_is_never_shown_as_something_a_browser_runs(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, make: Any
) -> None:
    from tests.recording.acts import examine

    recording = store(bureau, register(bureau, act), make(tmp_path / "a.mp4"), name="现场.html")
    for _ in range(2):
        answer = see(desk(bureau.lead), recording)
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        examine()


def test_a_recording_that_is_a_web_page_too_is_downloaded(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    from tests.recording.acts import examine

    path = samples.video(tmp_path / "a.mp4")
    path.write_bytes(b"<html><script>alert(1)</script>" + path.read_bytes())
    recording = store(bureau, register(bureau, act), path)
    examine()
    answer = see(desk(bureau.lead), recording)
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_recording_whose_medium_is_lost_answers_404(bureau: Bureau, act: Any, desk: Any, tmp_path: Path) -> None:
    from core.store import path_of

    recording = kept(bureau, act, tmp_path)
    path_of(recording.sha256).unlink()
    assert desk(bureau.lead).get(content_url(recording)).status_code == 404
