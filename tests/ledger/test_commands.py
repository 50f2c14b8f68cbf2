"""`verify_ledger` and `seal_ledger`, as an administrator runs them."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import ledger


def run(name: str, *arguments: object) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=out)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_sealing_exporting_and_verifying(some_lines, tmp_path):
    path = tmp_path / "today.seal"
    code, said = run("seal_ledger", "--export", path)
    assert code == 0
    assert "已封存 9 行" in said
    assert ledger.latest_seal().root in said
    assert [each.name for each in tmp_path.iterdir()] == ["today.seal"]

    assert run("verify_ledger") == (0, "记录链完整：3 份文件，9 行，其中已封存 9 行（1 次封存），待封存 0 行\n")
    code, said = run("verify_ledger", "--seal", path)
    assert code == 0
    assert "与封存文件所载 9 行一致" in said


def test_the_seal_made_is_told_as_json(some_lines, tmp_path):
    path = tmp_path / "today.seal"
    code, said = run("seal_ledger", "--export", path, "--json")
    made = ledger.latest_seal()
    assert (code, json.loads(said)) == (0, {"size": 9, "root": made.root, "file": str(path)})
    assert json.loads(run("seal_ledger", "--json")[1])["file"] is None


def test_an_altered_line_is_named_and_the_exit_is_1(some_lines, tamper):
    tamper("UPDATE core_ledgerentry SET body = '{}' WHERE stream = 'case:2' AND seq = 3")
    assert run("verify_ledger") == (1, "记录链不完整。第一处：case:2 第3行：内容与摘要不符\n")
    code, said = run("verify_ledger", "--json")
    assert code == 1
    report = json.loads(said)
    assert report["ok"] is False
    assert report["broken"] == {"stream": "case:2", "seq": 3, "log_index": None, "why": "内容与摘要不符"}


def test_a_file_that_is_no_seal_exits_2(db, tmp_path):
    path = tmp_path / "no.seal"
    path.write_text("no seal", encoding="utf-8")
    for argument in (path, tmp_path / "absent.seal"):
        with pytest.raises(CommandError) as refused:
            run("verify_ledger", "--seal", argument)
        assert refused.value.returncode == 2


def test_an_export_that_cannot_be_written_leaves_nothing_behind(some_lines, tmp_path):
    with pytest.raises(CommandError, match="无法写出"):
        run("seal_ledger", "--export", tmp_path / "absent" / "today.seal")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandError, match="无法写出"):
        run("seal_ledger", "--export", tmp_path / "folder")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
