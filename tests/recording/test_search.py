"""Recordings are found by place, participants and case, by the index of characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from recording.models import Recording
from recording.selectors import search_hits, with_words
from tests.enforcement.factories import Bureau, fresh
from tests.recording.acts import index, kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(bureau: Bureau, act: Any, tmp_path: Path) -> Recording:
    return index(bureau, kept(bureau, act, tmp_path))


def test_a_recording_is_found_by_place_participants_and_the_words_of_its_case(
    bureau: Bureau, indexed: Recording
) -> None:
    case = indexed.case
    for query in ("示例路100", "孙某", "100号 李样本", case.title[2:6], case.number):
        assert [hit.url for hit in search_hits(fresh(bureau.lead), query)] == [indexed.get_absolute_url()], query
    for query in ("不存在的", "", " ", "\x00", "%"):
        assert search_hits(fresh(bureau.lead), query) == [], query
    assert search_hits(fresh(bureau.stranger), "孙某") == []


def test_what_is_searched_follows_a_corrected_index(bureau: Bureau, indexed: Recording) -> None:
    index(bureau, indexed, place="示例街7号")
    assert search_hits(fresh(bureau.lead), "示例路100号 孙某") == []
    assert len(list(search_hits(fresh(bureau.lead), "示例街7号 孙某"))) == 1


def test_both_parts_of_the_search_use_their_index(bureau: Bureau) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_nestloop = off"
        )
    plan = with_words(Recording.objects.all(), "孙某").explain()
    assert "recordings_by_their_characters" in plan
    assert "cases_by_their_characters" in plan
