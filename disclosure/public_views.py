"""The public site. It reads published notices, the ledger's proofs and the rulebook; it never writes and knows no official."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from core import calendars, law, registry
from core.ledger.seals import export_seal, latest_seal
from core.middleware import public
from core.models import Seal
from core.paging import NEWEST_FIRST, page_of
from core.views import reads_on_get
from disclosure import publication
from disclosure.calculator import MAX_AGE, CalculatorForm, api_query
from disclosure.models import Notice, NoticeState, public_field_labels
from rulebook import periods
from rulebook.deadlines import Due

SEALS_A_PAGE = 50


def _fresh(response: HttpResponse) -> HttpResponse:
    """Caches ask again each time: a withdrawn text must not live on in them."""
    patch_cache_control(response, no_cache=True, public=True)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _absolute(path: str) -> str:
    return f"{settings.PUBLIC_BASE_URL.rstrip('/')}{path}"


@public
@require_safe
@reads_on_get
def home(request: HttpRequest) -> HttpResponse:
    """Search, and the latest notices."""
    question = publication.Question.read(request.GET)
    page = publication.page_of_answers(question, request.GET.get("cursor", ""))
    context = {"question": question, "page": page, "facets": publication.facets(), "seal": latest_seal()}
    return _fresh(render(request, "public/home.html", context))


@public
@require_safe
@reads_on_get
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice as a document, with every line of its chain; 410 with the reason once it is withdrawn."""
    found = _notice(pk)
    if found.state == NoticeState.WITHDRAWN:
        told = {"withdrawal": publication.withdrawal(found)}
        return _fresh(render(request, "public/withdrawn.html", told, status=410))
    sheet = publication.sheet(found)
    context = {
        "notice": found,
        "fields": _fields(found),
        "correction": publication.correction(found),
        "sheet": sheet,
        "lines": [_line(entry, sheet["seal"]) for entry in sheet["entries"]],
        "text_proof": {"canonical": found.canonical_text(), "sha256": found.text_digest()},
    }
    return _fresh(render(request, "public/notice.html", context))


def _notice(pk: int) -> Notice:
    try:
        return publication.notice_for_public(pk)
    except (Notice.DoesNotExist, OverflowError):
        raise Http404 from None


def _fields(found: Notice) -> list[tuple[str, str]]:
    """The decision's fields in the order of a document; empty ones are left out."""
    shown: dict[str, str] = {}
    for name, label in public_field_labels().items():
        display = getattr(found, f"get_{name}_display", None)
        shown[str(label)] = str(display() if display else getattr(found, name))
    if found.fine is not None:
        shown["罚款金额"] = f"{found.fine:,.2f} 元"
    shown["处罚决定日期"] = f"{found.decided_on:%Y年%-m月%-d日}"
    order = [*dict.fromkeys(str(label) for label in public_field_labels().values())]
    if "罚款金额" in shown:
        order.insert(order.index("处罚内容") + 1, "罚款金额")
    return [(label, shown[label]) for label in order if shown[label]]


def _line(entry: dict[str, Any], seal: dict[str, Any] | None) -> dict[str, Any]:
    """One line of the chain as the page tells it without JavaScript."""
    body = json.loads(entry["body"])
    return {
        **entry,
        "label": publication.label_of(body.get("fact", "")),
        "happened_at": body.get("happened_at", ""),
        "recorded_at": body.get("@recorded_at", ""),
        "place": entry["proof"]["log_index"] + 1 if entry["proof"] else None,
        "sealed_at": seal["sealed_at"] if seal and entry["proof"] else "",
    }


@public
@require_safe
@reads_on_get
def notice_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for machines: text by exchange codes, the digested bytes, every proof."""
    found = _notice(pk)
    if found.state == NoticeState.WITHDRAWN:
        return _fresh(_json(publication.withdrawal(found), status=410))
    return _fresh(_json(publication.as_json(found)))


def _json(body: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False, "indent": 1})


@public
@require_safe
@reads_on_get
def verify(request: HttpRequest) -> HttpResponse:
    """How to verify with plain commands, without trusting this site."""
    example = publication.latest()[:1]
    address = reverse("public:notice_json", args=[example[0].pk if example else 1])
    seal = latest_seal()
    context = {
        "example_url": _absolute(address),
        "seal": export_seal(seal) if seal else None,
        "seal_url": _absolute(reverse("public:seal_json", args=[seal.size])) if seal else "",
    }
    return _fresh(render(request, "public/verify.html", context))


@public
@require_safe
@reads_on_get
def seals(request: HttpRequest) -> HttpResponse:
    """Every seal, newest first, each to be downloaded and kept elsewhere."""
    page = page_of(Seal.objects.all(), request.GET.get("cursor", ""), by=NEWEST_FIRST, size=SEALS_A_PAGE, unit="次封存")
    return _fresh(render(request, "public/seals.html", {"pager": page}))


@public
@require_safe
@reads_on_get
def seal_json(request: HttpRequest, size: int) -> HttpResponse:
    """One seal as it leaves the system. It never changes, so it may be cached for ever."""
    try:
        found = Seal.objects.get(size=size)
    except (Seal.DoesNotExist, OverflowError):
        raise Http404 from None
    response = _json(export_seal(found))
    response["Content-Disposition"] = f'attachment; filename="mingcha-seal-{size}.json"'
    patch_cache_control(response, public=True, immutable=True, max_age=31_536_000)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@public
@require_safe
@reads_on_get
def law_page(request: HttpRequest) -> HttpResponse:
    """Which instruments bind this agency, article by article in our own summary."""
    book = law.rulebook()
    profile = book.profile(registry.agency().profile_of(0))
    today = timezone.localdate()
    instruments = [
        {
            "instrument": instrument,
            "continued": instrument.id in profile.continues and instrument.effective_from.year < today.year,
            "until": span[1],
            "lapsed": span[1] is not None and span[1] < today,
        }
        for instrument in map(book.instrument, profile.instruments)
        if (span := book.span_of(instrument.id, profile.id)) is not None and span[0] <= today
    ]
    adopted = [book.cite(rule_id, profile.id) for rule_id in profile.adopts]
    return _fresh(render(request, "public/law.html", {"instruments": instruments, "adopted": adopted}))


@public
@require_safe
@reads_on_get
def calculator_page(request: HttpRequest) -> HttpResponse:
    """Given this event under this rule, when? The address holds the whole question, so it can be passed on."""
    form = CalculatorForm.read(request.GET, profile=_profile())
    if form.is_valid() and "" in request.GET.values():
        # A form sends its empty fields too; they do not stand in an address that is passed on.
        return redirect(f"{request.path}?{form.query()}")
    years = calendars.current().covers
    context: dict[str, Any] = {"form": form, "answer": None, "years": f"{min(years)}年至{max(years)}年"}
    if form.is_valid() and form.due is not None:
        context["answer"] = _answer(form, form.due)
    response = render(request, "public/calculator.html", context, status=form.http_status)
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(form: CalculatorForm, due: Due) -> dict[str, Any]:
    """What the page says of a counted day beside its explanation."""
    book = law.rulebook()
    instrument = book.instrument(due.rule.instrument)
    question = form.question()
    return {
        "explanation": due.as_json(),
        "rule": due.rule,
        "span": periods.name_of(due.rule.each or "year", due.day_zero) if due.rule.is_periodic else "",
        "term": law.term_of(due.rule),
        "instrument": instrument,
        "article": instrument.article(due.rule.article),
        "profile": book.profile(due.profile),
        "binds": book.binds(due.rule.id, due.profile),
        "address": _absolute(f"{reverse('public:calculator')}?{form.query()}"),
        "json": f"{reverse('api-deadline')}?{api_query(question)}",
    }


def _profile() -> str:
    """The profile of this installation; nothing before the agency is entered."""
    try:
        return registry.agency().profile_of(0)
    except LookupError:
        return ""


@public
@require_safe
@reads_on_get
def feed(request: HttpRequest) -> HttpResponse:
    """The latest notices as Atom."""
    name = registry.agency().name()
    atom = Atom1Feed(
        title=f"{name}行政执法公示",
        link=_absolute(reverse("public:home")),
        description="最近公示的行政处罚决定",
        language="zh-CN",
        feed_url=_absolute(reverse("public:feed")),
        author_name=name,
    )
    for each in publication.latest():
        link = _absolute(each.public_url)
        atom.add_item(
            title=each.title,
            link=link,
            description=f"{each.number}，{each.decided_on:%Y年%-m月%-d日}决定，{each.penalty_kinds}。",
            unique_id=link,
            pubdate=each.published_at,
            updateddate=each.published_at,
        )
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    atom.write(response, "utf-8")
    return _fresh(response)


SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def _sitemap(root: str, item: str, entries: list[tuple[str, str]]) -> HttpResponse:
    response = HttpResponse(content_type="application/xml; charset=utf-8")
    xml = SimplerXMLGenerator(response, "utf-8")
    xml.startDocument()
    xml.startElement(root, AttributesImpl({"xmlns": SITEMAP}))
    for address, changed in entries:
        xml.startElement(item, AttributesImpl({}))
        xml.addQuickElement("loc", address)
        if changed:
            xml.addQuickElement("lastmod", changed)
        xml.endElement(item)
    xml.endElement(root)
    xml.endDocument()
    return _fresh(response)


@public
@require_safe
@reads_on_get
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the parts."""
    parts = [(_absolute(reverse("public:sitemap_part", args=[part])), "") for part in publication.sitemap_parts()]
    return _sitemap("sitemapindex", "sitemap", parts)


@public
@require_safe
@reads_on_get
def sitemap_part(request: HttpRequest, part: int) -> HttpResponse:
    """The published notices of one span of ids."""
    if part > 10**9:
        raise Http404
    entries = [
        (_absolute(reverse("public:notice", args=[pk])), timezone.localtime(at).isoformat(timespec="seconds"))
        for pk, at in publication.sitemap_part(part)
    ]
    if not entries:
        raise Http404
    return _sitemap("urlset", "url", entries)


@public
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: the public site, not the desk."""
    lines = (
        "User-agent: *",
        "Disallow: /desk/",
        "Disallow: /api/",
        f"Sitemap: {_absolute(reverse('public:sitemap'))}",
        "",
    )
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
