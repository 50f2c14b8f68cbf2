"""A page of docs whose numbered steps are done as they are written."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Howto:
    """One page, by the name of its file in docs/."""

    page: str

    @property
    def text(self) -> str:
        return (ROOT / "docs" / self.page).read_text(encoding="utf-8")

    def step(self, number: int) -> str:
        """The text of one numbered step."""
        found = re.search(rf"^{number}\. (.*?)(?=^\d\. |^\S|\Z)", self.text, flags=re.M | re.S)
        assert found, f"{self.page} has no step {number}"
        return found[1]

    def block(self, number: int) -> str:
        """What the step's block holds, as it is to be typed."""
        found = re.search(r"^   ```\w+\n(.*?)^   ```$", self.step(number), flags=re.M | re.S)
        assert found, f"step {number} of {self.page} has no block"
        return re.sub(r"^   ", "", found[1], flags=re.M)

    def file_of(self, number: int, root: Path) -> Path:
        """The file that the step names, in a copy of the rulebook."""
        [name] = re.findall(r"`rulebook/([\w-]+/[\w-]+\.toml)`", self.step(number))
        return root / name

    def write(self, root: Path, into: int, *steps: int) -> None:
        """Write the blocks of these steps into the file that step `into` names."""
        text = "\n".join(self.block(each) for each in steps)
        self.file_of(into, root).write_text(text, encoding="utf-8")

    def test_of(self, number: int, known: dict[str, Any]) -> Any:
        """The test that a step writes, as Python understands it among these names."""
        written: dict[str, Any] = {}
        exec(textwrap.dedent(self.block(number)), known, written)
        [function] = written.values()
        return function
