"""The vendored front end is what its list says, and the list is complete."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIST = json.loads((ROOT / "static/vendor/VENDORED.json").read_text())


@pytest.mark.parametrize("entry", LIST, ids=lambda entry: entry["name"])
def test_a_vendored_file_is_unchanged(entry: dict[str, str]) -> None:
    path = ROOT / entry["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    assert path.with_name(path.stem + ".LICENSE.txt").is_file()
    assert entry["licence"]


def test_every_vendored_script_is_listed() -> None:
    scripts = {
        str(path.relative_to(ROOT))
        for folder in ("static/vendor", "tests/browser")
        for path in (ROOT / folder).glob("*.js")
    }
    assert scripts == {entry["file"] for entry in LIST}


def test_the_versions_are_those_that_bin_vendor_fetches() -> None:
    pinned = set(re.search(r'^packages="(.+)"$', (ROOT / "bin/vendor").read_text(), re.M)[1].split())  # type: ignore[index]
    assert pinned == {f"{entry['name']}@{entry['version']}" for entry in LIST}


def test_htmx_is_of_the_second_line() -> None:
    assert next(entry["version"] for entry in LIST if entry["name"] == "htmx.org").startswith("2.")
