"""S12: the public sees only what is published; and can verify it without us."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from core import ledger
from core.ledger.seals import seal
from core.models import LedgerEntry
from disclosure import publication, services
from disclosure.models import Notice
from tests.disclosure.flow import Bureau, decided_case, notice_of, publish, submit, withdraw
from tests.ledger.conftest import rewrite_chain, rewrite_log, triggers_off

MARK = "秘密标记饭店有限公司"
PATHS = (
    "/",
    "/?q=秘密标记",
    "/?violation=经责令改正拒不改正",
    "/?year=2026",
    "/notices.atom",
    "/sitemap.xml",
    "/verify/",
    "/seals/",
    "/law/",
)


def marked(bureau: Bureau) -> Notice:
    facts = f"经查，{MARK}拖欠赵样例工资。"
    return notice_of(decided_case(bureau, party_name=MARK, facts=facts))


def in_state(bureau: Bureau, state: str) -> Notice:
    notice = marked(bureau)
    if state == "in_review":
        submit(bureau, notice)
    elif state in ("exclusion_review", "withheld"):
        services.propose_exclusion(
            notice=notice, ground="privacy", reason="隐私", by=bureau.officer, happened_at=timezone.now()
        )
        if state == "withheld":
            services.withhold(notice=notice, by=bureau.reviewer, happened_at=timezone.now())
    elif state == "withdrawn":
        withdraw(bureau, publish(bureau, notice))
    return Notice.objects.get(pk=notice.pk)


def crawl(client: Client, start: tuple[str, ...]) -> dict[str, str]:
    """Every public page within reach of these, and all that sitemap and feed name."""
    seen: dict[str, str] = {}
    queue = list(start)
    while queue:
        path = queue.pop()
        if path in seen or path.startswith(("/desk/", "/static/", "/api/")):
            continue
        answer = client.get(path)
        seen[path] = answer.content.decode()
        found = re.findall(r'(?:href="|<loc>)(?:https?://[^/"<]+)?(/[^"#<]*|\?[^"#<]*)', seen[path])
        queue += [unescape(link if link.startswith("/") else f"/{link}") for link in found]
    return seen


@pytest.mark.parametrize("state", ["draft", "in_review", "exclusion_review", "withheld", "withdrawn"])
def test_s12_a_notice_that_is_not_published_stands_on_no_public_page_feed_sitemap_or_search(
    bureau: Bureau, client: Client, state: str
) -> None:
    notice = in_state(bureau, state)
    assert notice.state == state
    direct = (f"/notices/{notice.pk}/", f"/notices/{notice.pk}.json", "/sitemap-0.xml")
    pages = crawl(client, PATHS + direct)
    assert len(pages) > 10
    shown = [
        path
        for path, text in pages.items()
        if "秘密标记" in text.replace('value="秘密标记"', "") or notice.number in text
    ]
    assert shown == []


@pytest.mark.parametrize("state", ["draft", "in_review", "exclusion_review", "withheld"])
def test_an_unpublished_notice_answers_like_an_absent_one(bureau: Bureau, client: Client, state: str) -> None:
    notice = in_state(bureau, state)
    for ending in ("/", ".json"):
        there, absent = client.get(f"/notices/{notice.pk}{ending}"), client.get(f"/notices/{notice.pk + 1000}{ending}")
        assert there.status_code == absent.status_code == 404
        assert there.content == absent.content


@pytest.mark.rule("CN-PENALTY-48")
def test_cn_penalty_48_the_place_of_a_withdrawn_notice_says_when_and_why_and_nothing_else(
    bureau: Bureau, client: Client
) -> None:
    notice = marked(bureau)
    publish(bureau, notice)
    assert MARK in client.get("/").content.decode()
    assert client.get("/", {"q": "秘密标记"}).content.decode().count(MARK) == 1
    withdraw(bureau, Notice.objects.get(pk=notice.pk), "处罚决定经复议被撤销。")
    gone = client.get(f"/notices/{notice.pk}/")
    assert gone.status_code == 410
    assert "处罚决定经复议被撤销。" in gone.content.decode()
    assert MARK not in gone.content.decode()
    machine = client.get(f"/notices/{notice.pk}.json")
    assert machine.status_code == 410
    assert set(machine.json()) == {"id", "state", "published_at", "withdrawn_at", "reason", "agency"}


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b")
def test_a_published_notice_is_on_the_list_in_the_search_the_feed_and_the_sitemap(
    bureau: Bureau, client: Client
) -> None:
    notice = marked(bureau)
    publish(bureau, notice)
    for path in (
        "/",
        "/?q=秘密标记",
        "/?q=密",
        f"/?q={notice.number}",
        "/?year=" + str(notice.decided_on.year),
        "/notices.atom",
    ):
        assert MARK in client.get(path).content.decode(), path
    assert f"/notices/{notice.pk}/" in client.get("/sitemap-0.xml").content.decode()
    assert "/sitemap-0.xml" in client.get("/sitemap.xml").content.decode()
    for path in ("/?q=没有这个词", "/?year=1999", "/?violation=别的违法行为"):
        assert MARK not in client.get(path).content.decode(), path


def test_no_public_page_holds_anything_of_a_person(bureau: Bureau, client: Client, notice: Notice) -> None:
    publish(bureau, notice)
    seal(timezone.now())
    pages = crawl(client, (*PATHS, f"/notices/{notice.pk}/", f"/notices/{notice.pk}.json"))
    secrets = ("赵样例", "钱示范", "370102198001011234", "13800138000", "13900139000", "示例路1号", "孙范例", "王示例")
    assert [(path, secret) for path, text in pages.items() for secret in secrets if secret in text] == []


def test_caches_ask_again_each_time(bureau: Bureau, client: Client, notice: Notice) -> None:
    publish(bureau, notice)
    for path in ("/", f"/notices/{notice.pk}/", f"/notices/{notice.pk}.json", "/notices.atom", "/sitemap.xml"):
        assert "no-cache" in client.get(path)["Cache-Control"], path


@pytest.mark.parametrize(
    "path",
    ["/?q=%00", "/?q=" + "长" * 5000, "/?cursor=after-99999999999999999-1", "/?cursor=x", "/?year=٢٠٢٦", "/?year=99999",
     "/?violation=%00%FF", "/notices/99999999999999999999/", "/seals/99999999999999999999.json", "/sitemap-99999999999.xml",
     "/?cursor=before-0-0", "/?q=%25_%5C", "/?q=%3Cscript%3E"],
)  # fmt: skip
@pytest.mark.django_db
def test_s13_nonsense_in_an_address_is_answered_calmly(bureau: Bureau, client: Client, path: str) -> None:
    assert client.get(path).status_code in (200, 404)


def test_what_a_reader_types_is_shown_as_text(bureau: Bureau, client: Client) -> None:
    page = client.get("/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


def test_every_page_of_the_list_is_reached_by_its_cursor_forwards_and_back(
    bureau: Bureau, client: Client, notice: Notice
) -> None:
    first = publish(bureau, notice)
    template = Notice.objects.get(pk=first.pk)
    for number in range(44):
        copies(template, number)
    question = publication.Question()
    page = publication.page_of_answers(question, "")
    pages, seen = 1, [row.pk for row in page.rows]
    while page.next:
        page = publication.page_of_answers(question, page.next)
        pages, seen = pages + 1, seen + [row.pk for row in page.rows]
    assert (pages, len(seen), len(set(seen))) == (3, 45, 45)
    back = publication.page_of_answers(question, page.previous or "")
    assert [row.pk for row in back.rows] == seen[20:40]
    assert page.count_text == "共45条"


def copies(template: Notice, number: int) -> None:
    """A published row like another, straight into the table: only lists are asked about it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE disclosure_notice DISABLE TRIGGER disclosure_notice_state_edges")
        template.pk, template.case_id = None, 100_000 + number
        template.save(force_insert=True)
        cursor.execute("ALTER TABLE disclosure_notice ENABLE TRIGGER disclosure_notice_state_edges")
        cursor.execute('SET ROLE "mingcha_app"')


def test_a_page_of_the_list_takes_six_statements_at_most_however_many_rows_it_has(
    bureau: Bureau, client: Client, notice: Notice, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    template = publish(bureau, notice)
    seal(timezone.now())
    for path in ("/", "/?q=示例&year=2026&violation=经责令改正拒不改正"):
        with django_assert_max_num_queries(6):
            client.get(path)
    for number in range(25):
        copies(template, number)
    for path in ("/", "/?q=示例&year=2026&violation=经责令改正拒不改正"):
        with django_assert_max_num_queries(6):
            assert client.get(path).content.decode().count("<time datetime") > 20


# --- proofs -----------------------------------------------------------------------------------------------------


def test_before_the_seal_every_line_says_when_it_can_be_verified(
    bureau: Bureau, client: Client, notice: Notice
) -> None:
    publish(bureau, notice)
    page = client.get(f"/notices/{notice.pk}/").content.decode()
    assert page.count("将于今日封存后可验证") == 4
    seal(timezone.now())
    page = client.get(f"/notices/{notice.pk}/").content.decode()
    assert "将于今日封存后可验证" not in page
    assert page.count("封存日志第") == 3


def run_the_page_s_commands(client: Client, folder: Path, pk: int) -> subprocess.CompletedProcess[str]:
    """Exactly what the page of plain commands tells a reader to run, on what the site offers for download."""
    page = client.get("/verify/").content.decode()
    command = re.search(r'<code id="verify-notice">(.*?)</code>', page, re.S)
    assert command is not None
    (folder / "notice.json").write_bytes(client.get(f"/notices/{pk}.json").content)
    return run(unescape(command[1]), folder)


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


def test_the_plain_commands_verify_a_notice_and_the_seal(
    bureau: Bureau, client: Client, notice: Notice, tmp_path: Path
) -> None:
    publish(bureau, notice)
    before = run_the_page_s_commands(client, tmp_path, notice.pk)
    assert before.stdout.count("还没有封存") == 3, before.stderr
    made = seal(timezone.now())
    after = run_the_page_s_commands(client, tmp_path, notice.pk)
    assert after.stdout.count("封存于") == 3, after.stderr
    assert after.stdout.endswith("文本：就是公示的那一份\n")
    page = unescape(client.get("/verify/").content.decode())
    sealed = re.search(r"<code>(printf .*?)</code>", page)
    assert sealed is not None
    assert run(sealed[1], tmp_path).stdout.split()[0] == made.hash
    digest = re.search(r"<code>(python3 -c .*? \| sha256sum)$", page, re.M)
    assert digest is not None
    assert run(digest[1], tmp_path).stdout.split()[0] == notice.text_digest()


@pytest.mark.parametrize("altered", ["body", "text", "path"])
def test_the_plain_commands_see_what_was_altered(
    bureau: Bureau, client: Client, notice: Notice, tmp_path: Path, altered: str
) -> None:
    publish(bureau, notice)
    decided_case(bureau, party_name="另一家示例有限公司")
    seal(timezone.now())
    assert run_the_page_s_commands(client, tmp_path, notice.pk).returncode == 0
    file = tmp_path / "notice.json"
    data = json.loads(file.read_text())
    if altered == "body":
        data["ledger"]["entries"][1]["body"] = data["ledger"]["entries"][1]["body"].replace('"edits":0', '"edits":1')
    elif altered == "text":
        data["text_canonical"] = data["text_canonical"].replace("示例建筑", "样本建筑")
    else:
        data["ledger"]["entries"][0]["proof"]["path"][0] = "0" * 64
    file.write_text(json.dumps(data, ensure_ascii=False))
    command = re.search(r'<code id="verify-notice">(.*?)</code>', client.get("/verify/").content.decode(), re.S)
    assert command is not None
    assert run(unescape(command[1]), tmp_path).returncode == 1


# What the page calls curl: the pages as they were fetched into `site`, a 404 for any other.
CURL = """#!/bin/bash
for word in "$@"; do [ "$before" = -o ] && out=$word; case $word in http*) path=${word#*://*/} ;; esac; before=$word; done
file=${0%/*}/site/$path
[ -e "$file" ] || { echo "curl: (22) The requested URL returned error: 404" >&2; exit 22; }
cat "$file" > "${out:-/dev/stdout}"
"""


def seal_command(page: str, name: str) -> str:
    """A command of the page on the kept seal, with the site's answers lent to it as curl."""
    command = re.search(rf'<code id="{name}">(.*?)</code>', page, re.S)
    assert command is not None
    return f'PATH="$PWD:$PATH"; {unescape(command[1])}'


def serve_seals(client: Client, folder: Path, sizes: set[int]) -> None:
    """The site's seals as anybody would be given them now, by `curl` in that folder."""
    shutil.rmtree(folder / "site", ignore_errors=True)
    (folder / "site" / "seals").mkdir(parents=True)
    for size in sizes:
        answer = client.get(f"/seals/{size}.json")
        if answer.status_code == 200:
            (folder / "site" / "seals" / f"{size}.json").write_bytes(answer.content)
    (folder / "curl").write_text(CURL)
    (folder / "curl").chmod(0o755)


@pytest.mark.parametrize("grown", [False, True], ids=["another seal of the same size", "the kept seal is gone"])
def test_a_site_rewritten_with_all_its_seals_passes_every_step_but_the_comparison_with_a_kept_seal(
    bureau: Bureau, client: Client, notice: Notice, tmp_path: Path, grown: bool
) -> None:
    publish(bureau, notice)
    kept = seal(timezone.now())
    page = client.get("/verify/").content.decode()
    serve_seals(client, tmp_path, {kept.size})
    assert run(seal_command(page, "keep-seal"), tmp_path).returncode == 0
    assert (tmp_path / f"mingcha-seal-{kept.size}.json").exists()
    # An honest site goes on and stays the same.
    if grown:
        decided_case(bureau, party_name="另一家示例有限公司")
        seal(timezone.now())
    serve_seals(client, tmp_path, {kept.size})
    honest = run(seal_command(page, "compare-seal"), tmp_path)
    assert (honest.returncode, honest.stdout) == (0, "与留存的封存一致\n"), honest.stderr

    line = LedgerEntry.objects.get(stream=notice.stream, seq=2)
    with triggers_off():
        LedgerEntry.objects.filter(pk=line.pk).update(body=line.body.replace('"edits":0', '"edits":1'))
        rewrite_chain(notice.stream, 2)
        rewrite_log()
    # Nothing inside disagrees: who kept nothing sees nothing.
    assert ledger.verify().ok
    assert run_the_page_s_commands(client, tmp_path, notice.pk).returncode == 0
    serve_seals(client, tmp_path, {kept.size})
    caught = run(seal_command(page, "compare-seal"), tmp_path)
    assert caught.returncode != 0
    assert "same as" not in caught.stdout
    assert ("404" if grown else "differ") in caught.stdout + caught.stderr


def test_every_seal_is_listed_and_downloaded_as_it_leaves_the_system(
    bureau: Bureau, client: Client, notice: Notice
) -> None:
    made = seal(timezone.now())
    assert made.root in client.get("/seals/").content.decode()
    exported = client.get(f"/seals/{made.size}.json")
    assert exported.json()["hash"] == made.hash
    assert "attachment" in exported["Content-Disposition"]


def test_feed_and_sitemaps_are_well_formed(bureau: Bureau, client: Client, notice: Notice) -> None:
    publish(bureau, notice)
    for path in ("/notices.atom", "/sitemap.xml", "/sitemap-0.xml"):
        assert len(ElementTree.fromstring(client.get(path).content)) > 0, path
    assert "Disallow: /desk/" in client.get("/robots.txt").content.decode()


def test_the_law_page_names_the_binding_instruments_and_the_adopted_rules(bureau: Bureau, client: Client) -> None:
    page = client.get("/law/").content.decode()
    for words in ("威海市行政执法监督办法", "中华人民共和国行政处罚法", "沿用", "参照"):
        assert words in page
