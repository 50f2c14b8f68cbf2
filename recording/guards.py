"""What must hold before a recording moves on. Code says how; the rulebook says whether, and under which articles."""

from __future__ import annotations

from core.lifecycle import Attempt, BindingRules, Unmet, guard
from recording.models import Recording


@guard("original_recording_immutable")
def original_recording_immutable(recording: Recording, rules: BindingRules, attempt: Attempt) -> Unmet | None:
    """What was received stays: nothing takes its place, and nothing goes on while the medium holds something else (WH-MEAS-17b).

    The content of an attempt is the file that somebody wants to hand in.
    """
    if recording.is_stored and attempt.content is not None:
        return Unmet(
            rules, "原始录像已经入库，不得替换、删节或者修改", fix=recording.get_absolute_url(), fix_label="看录像"
        )
    if recording.has_failed_medium:
        return Unmet(
            rules,
            "存储介质上的内容与入库时的摘要不符，须先从备份恢复",
            fix=recording.get_absolute_url(),
            fix_label="看核对情况",
        )
    return None
