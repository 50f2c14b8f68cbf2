"""Pages of the law: which instruments bind here, what each article says, how each rule is enforced."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import law, registry
from core.calculator import can_be_counted
from core.desk import coverage as table
from core.desk import rules as shelf
from core.views import OfficialRequest, reads_on_get
from rulebook.model import RulebookError


@require_safe
@reads_on_get
def rules(request: OfficialRequest) -> HttpResponse:
    """Every instrument with its rules; by kind or by words where asked."""
    profile, today = shelf.profile(request.user), timezone.localdate()
    kind, query = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:100]
    groups = []
    for instrument in shelf.instruments(profile):
        found = [
            shelf.shown(rule, profile, today)
            for rule in law.rulebook().rules_of(instrument.id)
            if (not kind or rule.kind == kind)
            and (not query or any(query in part for part in (rule.id, rule.title, rule.quote, rule.article)))
        ]
        if found or not (kind or query):
            groups.append((instrument, found))
    count = sum(len(found) for _, found in groups)
    later = sum(not each.rule.is_enforced for _, found in groups for each in found)
    return render(
        request,
        "desk/rules.html",
        {"groups": groups, "kinds": shelf.KINDS.items(), "kind": kind, "query": query, "count": count, "later": later},
    )


@require_safe
@reads_on_get
def coverage(request: OfficialRequest) -> HttpResponse:
    """Every rule in one table: how it is held, by which code, shown by how many tests, its figures of this year; and all of them by part."""
    now, profile = timezone.now(), shelf.profile(request.user)
    groups = [
        each for each in table.covered(request.user, now, profile) if each.lines or not each.instrument.text_entered
    ]
    rules = [each.shown for group in groups for each in group.lines]
    return render(
        request,
        "desk/coverage.html",
        {
            "groups": groups,
            "parts": table.by_part(groups, everywhere=not profile),
            "total": table.tally(rules, everywhere=not profile),
            "year": timezone.localdate(now).year,
        },
    )


@require_safe
@reads_on_get
def rule(request: OfficialRequest, rule_id: str) -> HttpResponse:
    """One rule: its words, the article, whether and how it is enforced, what it did this year."""
    book, now = law.rulebook(), timezone.now()
    try:
        found = book.rule(rule_id)
    except RulebookError as unknown:
        raise Http404 from unknown
    instrument = book.instrument(found.instrument)
    attached = shelf.attached_to(instrument.id)
    text = shelf.official_text(attached, found.article)
    return render(
        request,
        "desk/rule.html",
        {
            "shown": shelf.shown(found, shelf.profile(request.user), timezone.localdate(now)),
            "instrument": instrument,
            "article": instrument.article(found.article),
            "attached": attached,
            "text": shelf.marked(text, found.quote) if text else "",
            "mismatch": shelf.mismatch_of(attached, found),
            "figures": shelf.figures(found.id, request.user, now) if found.is_clock or found.is_periodic else None,
            "year": timezone.localdate(now).year,
            "calculator": registry.address_of("calculator") if can_be_counted(found) else "",
            "rivals": [
                shelf.shown(each, shelf.profile(request.user), timezone.localdate(now))
                for each in book.rules
                if each.obligation == found.obligation and each.id != found.id
            ],
        },
    )


@require_safe
@reads_on_get
def instrument(request: OfficialRequest, instrument_id: str) -> HttpResponse:
    """One instrument by article: our summary, the official text where it is attached, the rules."""
    try:
        found = law.rulebook().instrument(instrument_id)
    except RulebookError as unknown:
        raise Http404 from unknown
    attached = shelf.attached_to(found.id)
    articles = shelf.articles_of(found, attached, shelf.profile(request.user), timezone.localdate())
    return render(
        request,
        "desk/instrument.html",
        {
            "instrument": found,
            "attached": attached,
            "articles": articles,
            "rule_count": sum(len(each.rules) for each in articles),
        },
    )
