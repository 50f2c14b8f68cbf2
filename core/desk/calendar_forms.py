"""What legal affairs type: a year's holiday notice, or why its entry is undone."""

from __future__ import annotations

from typing import Any

from django import forms

from core import calendars
from core.forms import ActForm
from rulebook import notices
from rulebook.model import RulebookError
from rulebook.notices import NoticeUnreadable, Reading, YearUnclear
from rulebook.pasting import decoded
from rulebook.workdays import FIRST_DAY, LAST_DAY

FILE_SIZE = 100_000
PROBLEMS = 10


class NoticeForm(ActForm):
    """A notice as published, pasted or as a file. What a file says is put where it can be read and put right: into the text."""

    text = forms.CharField(
        label="通知的内容",
        strip=False,
        error_messages={"required": "请粘贴通知的内容，或者选择文件"},
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text="粘贴国务院办公厅通知的全文，或者其中各个假日的几行，表格也可以；对已录入安排的延长、调整，只粘贴那份调整的通知；随程序提供的日历文件（TOML）也可以",
    )
    file = forms.FileField(
        label="或者选择文件",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.toml,.md,text/plain"}),
        help_text="文本文件（UTF-8、GB18030 或者 UTF-16），内容会放进上面的框里",
        error_messages={"empty": "文件是空的"},
    )
    year = forms.IntegerField(
        label="年份",
        required=False,
        min_value=FIRST_DAY.year,
        max_value=LAST_DAY.year,
        help_text="内容写明了年份的，须与此一致",
        error_messages={
            "invalid": "年份应为四位数字",
            "min_value": f"年份不能早于{FIRST_DAY.year}年",
            "max_value": f"年份不能晚于{LAST_DAY.year}年",
        },
    )
    number = forms.CharField(
        label="文号", required=False, max_length=60, help_text="内容里有文号的不用填，如：国办发明电〔2025〕7号"
    )
    incomplete = forms.BooleanField(label="通知确实没有安排这些节日，按普通的日子计算", required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    previewed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    reading: Reading | None = None
    # In which encoding a file was read.
    encoding = ""

    def __init__(self, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(data, files, **options)
        self.fields["text"].required = not (files and "file" in files)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text = self._text()
        if self.errors:
            return cleaned
        try:
            self.reading = notices.read(
                text,
                year=cleaned.get("year"),
                number=cleaned.get("number") or "",
                in_force=calendars.current().notice,
            )
        except NoticeUnreadable as wrong:
            for problem in wrong.problems[:PROBLEMS]:
                self.add_error("text", str(problem))
        except YearUnclear as unclear:
            self.add_error("year", str(unclear))
        except RulebookError as wrong:
            self.add_error("text", str(wrong))
        return cleaned

    def _text(self) -> str:
        """The text typed, or that of the file, which then stands in the text's place."""
        typed, file = str(self.cleaned_data.get("text") or ""), self.cleaned_data.get("file")
        if file is None:
            return typed
        if typed.strip():
            self.add_error("file", "已经粘贴了内容，请只用一种方式")
            return typed
        if file.size > FILE_SIZE:
            self.add_error("file", f"文件超过{FILE_SIZE // 1000}KB，不像是一份放假安排")
            return typed
        try:
            text, self.encoding = decoded(file.read())
        except RulebookError as wrong:
            self.add_error("file", str(wrong))
            return typed
        shown: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        shown["text"] = text
        self.data = shown
        return text


class UndoForm(ActForm):
    """Why the entry of a notice is undone; it goes into the chain's row and to those whose duties move back."""

    reason = forms.CharField(
        label="撤销理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请说明撤销的理由"},
    )
