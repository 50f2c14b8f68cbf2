"""What is answered when a request could not be served: whether the database was away, or the fault is ours."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection
from django.http import HttpResponse
from django.test import RequestFactory

from config.errors import server_error

pytestmark = pytest.mark.django_db(transaction=True)


def answer_to(error: Exception, path: str = "/api/v1/cases/") -> HttpResponse:
    try:
        raise RuntimeError("while something was done") from error
    except RuntimeError:
        return server_error(RequestFactory().get(path))


@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_a_database_that_is_away_is_503_and_may_be_asked_again(error: Exception) -> None:
    answer = answer_to(error)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert json.loads(answer.content)["title"] == "数据库暂时不能用，刚才的操作没有写入任何记录"
    page = answer_to(error, "/desk/")
    assert page.status_code == 503
    assert "请过几秒返回上一页再试" in page.content.decode()


@pytest.mark.parametrize("error", [ValueError("a fault"), ProgrammingError("no such column")])
def test_a_fault_of_ours_is_500_on_a_sound_connection(error: Exception) -> None:
    connection.ensure_connection()
    answer = answer_to(error)
    assert answer.status_code == 500
    assert "Retry-After" not in answer
    assert answer_to(error, "/desk/").status_code == 500


def test_an_error_without_a_kind_that_leaves_a_dead_connection_is_an_outage() -> None:
    connection.ensure_connection()
    connection.connection.close()
    assert answer_to(DatabaseError("no message from the libpq")).status_code == 503
    connection.close()
