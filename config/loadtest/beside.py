"""The statements that write what stands beside the cases of a batch: reviews of drafts, recordings of inspections, early ends."""

from __future__ import annotations

from typing import Final

REVIEWS: Final = (
    """
    INSERT INTO legalreview_review (id, case_id, draft_id, round, unit_id, legal_unit_id, title, state, text_digest, explanation, package,
        papers, submitted_at, submitted_by_id, remarks, pause_kind, opinion, opinion_text, last_step_at, state_since)
    SELECT b.review, b.case, d.id, 1, b.unit, %(legal)s, b.title, 'submitted', d.text_digest,
           '拟对当事人处以罚款，案件来源、调查经过和裁量理由见调查终结报告。', %(package)s, '[]', s.at, b.lead, '', '', '', '', s.at, s.at
      FROM batch b JOIN enforcement_decisiondraft d ON d.case_id = b.case
     CROSS JOIN LATERAL (SELECT b.registered + interval '49 days' AS at) AS s
     WHERE b.review_facts > 0
    """,
    """
    UPDATE legalreview_review r
       SET state = 'reviewing', accepted_at = s.at, reviewer_id = %(reviewer)s, last_step_at = s.at, state_since = s.at
      FROM batch b CROSS JOIN LATERAL (SELECT b.registered + interval '50 days' AS at) AS s
     WHERE r.id = b.review AND b.review_facts > 1
    """,
    """
    INSERT INTO legalreview_reviewpoint (review_id, key, label, position, answer, is_grave, remark)
    SELECT b.review, p.key, p.label, p.no, 'sound', false, ''
      FROM batch b CROSS JOIN point p WHERE b.review_facts > 2
    """,
    """
    UPDATE legalreview_review r
       SET state = 'answered', opinion = 'agree', opinion_text = '主体合法，事实清楚，证据充分，依据准确，裁量适当，程序合法，同意。',
           opinion_at = s.at, last_step_at = s.at, state_since = s.at
      FROM batch b CROSS JOIN LATERAL (SELECT b.registered + interval '54 days' AS at) AS s
     WHERE r.id = b.review AND b.review_facts > 2
    """,
    # The legal office saw the case while it reviewed it.
    """
    INSERT INTO core_grant (stream, act, unit_id, from_at, to_at)
    SELECT 'case:' || b.case, 'legal_review', %(legal)s, b.registered + interval '49 days',
           CASE WHEN b.review_facts > 2 THEN b.registered + interval '54 days' END
      FROM batch b WHERE b.review_facts > 0
    """,
)

# All recordings are of the same few bytes, which really lie in the store.
RECORDINGS: Final = (
    """
    INSERT INTO recording_recording (id, case_id, act_id, unit_id, device_id, sequence, state, made_by_id, started_at, made_at,
        last_step_at, work, sha256, sm3, probe, content_type, container, codecs, flags, findings, gaps, pause_before, fault, fault_reason,
        explained_seconds, explained_flags, place, scene, participants, violation)
    SELECT b.recording, b.case, a.id, b.unit, b.device, 1, 'made', b.lead, a.started_at, a.ended_at, a.ended_at, 'day', '', '', '', '', '', '',
           '{}', '[]', '[]', 0, '', '', 0, '{}', '', '', '', ''
      FROM batch b JOIN enforcement_evidenceact a ON a.case_id = b.case AND a.kind = 'site_inspection'
     WHERE b.recording_facts > 0
    """,
    """
    UPDATE recording_recording r
       SET state = 'stored', file_id = %(file)s, sha256 = %(sha256)s, sm3 = %(sm3)s, size = %(size)s, stored_at = s.at,
           stored_by_id = b.lead, last_step_at = s.at, probe = 'done', content_type = 'video/mp4', container = 'mp4', codecs = 'h264',
           width = 1280, height = 720, duration = 3600, verified_at = now()
      FROM batch b CROSS JOIN LATERAL (SELECT b.registered + interval '9 days' AS at) AS s
     WHERE r.id = b.recording AND b.recording_facts > 1
    """,
    """
    UPDATE recording_recording r
       SET state = 'indexed', place = '威海市示例路', scene = '车间和财务室', participants = '承办人、示例某', violation = b.label,
           index_completed_at = s.at, indexed_by_id = b.lead, last_step_at = s.at
      FROM batch b CROSS JOIN LATERAL (SELECT b.registered + interval '10 days' AS at) AS s
     WHERE r.id = b.recording AND b.recording_facts > 2
    """,
    """
    INSERT INTO enforcement_actrecording (act_id, stream, state, gap_seconds, explained)
    SELECT r.act_id, 'recording:' || r.id, r.state, 0, false FROM batch b JOIN recording_recording r ON r.id = b.recording
    """,
)

ENDS: Final = (
    """
    UPDATE disclosure_notice n
       SET state = 'withdrawn', decision_revoked_at = b.ended, withdrawn_at = b.ended + interval '1 day', withdrawn_by_id = %(publisher)s,
           withdrawal_reason = '原处罚决定已被行政复议机关依法撤销。', last_step_at = b.ended + interval '1 day', search_text = ''
      FROM batch b WHERE n.id = b.notice AND b.ending = 'revoked'
    """,
)
