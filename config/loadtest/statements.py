"""The statements that write one batch of cases, in order. `batch` holds its cases, `happened` its facts."""

from __future__ import annotations

from typing import Final

from config.loadtest.beside import ENDS, RECORDINGS, REVIEWS
from config.loadtest.course import LONGEST_PATH

TABLES: Final = """
DROP TABLE IF EXISTS pg_temp.section, pg_temp.share, pg_temp.course, pg_temp.ground, pg_temp.point,
     pg_temp.meeting, pg_temp.violation, pg_temp.counted, pg_temp.batch, pg_temp.happened, pg_temp.owed;
CREATE TEMP TABLE section (no int PRIMARY KEY, unit bigint, staff bigint[], head bigint, device bigint);
CREATE TEMP TABLE share (
    low int, high int, facts int, path text[], ending text, last_day int, ends_after int, length int, is_over boolean
);
CREATE TEMP TABLE course (no int PRIMARY KEY, name text, label text, day int, payload text, by text, place text, ending text, step int);
CREATE TEMP TABLE ground (ending text, ground text, reason text);
CREATE TEMP TABLE point (no int, key text, label text);
CREATE TEMP TABLE meeting (obligation text, no int);
CREATE TEMP TABLE violation (no int, key text, label text);
CREATE TEMP TABLE counted (
    happening int, day date, obligation text, title text, kind text, owed_by text, owner bigint, rule_id text, bases jsonb,
    adopted boolean, provisional boolean, deadline_precedes_rule boolean, explained_by bigint,
    day_zero date, nominal_day date, due_at timestamptz, alert_from date
);
CREATE TEMP TABLE batch (
    i bigint, "case" bigint, party bigint, source bigint, notice bigint, unit bigint, lead bigint, co bigint, head bigint,
    facts int, path text[], name text, title text, violation text, label text, code text, registered timestamptz,
    year text, ending text, last_day int, ended timestamptz, review bigint, review_facts int, recording bigint, recording_facts int,
    device bigint
);
CREATE TEMP TABLE happened (
    "case" bigint, no int, stream text, seq bigint, anchor text, name text, label text, at timestamptz, payload text,
    by bigint, unit bigint, title text, url text, fact bigint
);
CREATE INDEX ON happened ("case");
CREATE INDEX ON counted (happening, day);
"""

NEXT: Final = "nextval(pg_get_serial_sequence('{0}', 'id'))"

_BATCH: Final = f"""
INSERT INTO batch
SELECT i, {NEXT.format("enforcement_case")}, {NEXT.format("enforcement_party")}, {NEXT.format("enforcement_source")},
       CASE WHEN h.facts > 11 THEN {NEXT.format("disclosure_notice")} END,
       s.unit, s.staff[1 + mix %% 4], s.staff[1 + (mix + 1) %% 4], s.head, h.facts, h.path, c.name,
       c.name || v.label || '案', v.key, v.label, '91371000MA' || to_char(i, 'FM0000000') || 'X', r.at, to_char(r.at, 'YYYY'),
       h.ending, h.last_day, CASE WHEN h.is_over THEN r.at + (h.last_day + h.ends_after) * interval '1 day' END,
       CASE WHEN f.review > 0 THEN {NEXT.format("legalreview_review")} END, f.review,
       CASE WHEN f.recording > 0 THEN {NEXT.format("recording_recording")} END, f.recording, s.device
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i
 CROSS JOIN LATERAL (SELECT abs(hashint8(i)::bigint) AS mix) AS m
  JOIN share h ON i * 61 %% 100 >= h.low AND i * 61 %% 100 < h.high
  JOIN section s ON s.no = mix / 7 %% (SELECT count(*) FROM section)
  JOIN violation v ON v.no = mix / 11 %% (SELECT count(*) FROM violation)
 CROSS JOIN LATERAL (
    SELECT '示例' || (ARRAY['建筑','餐饮','服装','家政','物流','机械','水产','保洁','装饰','印刷','纺织','电子'])[1 + mix / 13 %% 12]
           || '第' || i || '有限公司' AS name
 ) AS c
 CROSS JOIN LATERAL (
    SELECT (%(today)s::date - h.length - CASE WHEN h.is_over THEN 10 + mix / 17 %% 1000 ELSE 1 + mix / 17 %% 15 END::int
            + time '09:00' + (mix / 19 %% 25200) * interval '1 second') AT TIME ZONE 'Asia/Shanghai' AS at
 ) AS r
 -- A draft waits for its review or is under it; inspections have been recorded for a year.
 CROSS JOIN LATERAL (
    SELECT CASE WHEN h.facts > 9 THEN 3 WHEN h.facts = 9 THEN 1 + mix / 23 %% 2 ELSE 0 END AS review,
           CASE WHEN h.facts < 4 OR r.at < %(today)s::date - 365 THEN 0 WHEN h.facts = 4 THEN 1 + mix / 29 %% 3 ELSE 3 END AS recording
 ) AS f
"""

_HAPPENED: Final = """
INSERT INTO happened
SELECT b.case, c.no, p.stream, row_number() OVER (PARTITION BY p.stream ORDER BY t.day, c.no), p.anchor, c.name, c.label,
       b.registered + t.day * interval '1 day', c.payload,
       CASE c.by WHEN 'lead' THEN b.lead WHEN 'head' THEN b.head WHEN 'leader' THEN %(leader)s WHEN 'publisher' THEN %(publisher)s
                 WHEN 'reviewer' THEN %(reviewer)s END,
       b.unit, p.title, p.url, nextval(pg_get_serial_sequence('core_factrecord', 'id'))
  FROM batch b
  JOIN course c ON CASE WHEN c.ending <> '' THEN c.ending = b.ending WHEN c.place = 'review' THEN c.step < b.review_facts
                        WHEN c.place = 'recording' THEN c.step < b.recording_facts ELSE c.no < b.facts END
 CROSS JOIN LATERAL (SELECT CASE WHEN c.ending <> '' THEN b.last_day + c.day ELSE c.day END AS day) AS t
  -- A notice's facts meet what the case owes; a review and a recording have duties of their own.
 CROSS JOIN LATERAL (
    SELECT 'case:' || b.case AS stream, 'case:' || b.case AS anchor, b.title AS title, '/desk/cases/' || b.case || '/' AS url
     WHERE c.place = 'case'
    UNION ALL
    SELECT 'notice:' || b.notice, 'case:' || b.case, b.name || b.label || '行政处罚决定', '/desk/disclosure/' || b.notice || '/'
     WHERE c.place = 'notice'
    UNION ALL
    SELECT 'review:' || b.review, 'review:' || b.review, b.title, '/desk/reviews/' || b.review || '/' WHERE c.place = 'review'
    UNION ALL
    SELECT 'recording:' || b.recording, 'recording:' || b.recording, b.title || ' 现场检查录像 片段1',
           '/desk/recordings/' || b.recording || '/'
     WHERE c.place = 'recording'
 ) AS p
"""

_MOMENT: Final = "CASE WHEN b.facts > {0} THEN b.registered + {1} * interval '1 day' END"


def _at(no: int, day: int) -> str:
    return _MOMENT.format(no, day)


FILES: Final = (
    """
    INSERT INTO enforcement_party (id, name, category, credit_code, legal_representative, address, phone, id_type, id_number)
    SELECT party, name, 'organisation', code, '示例某', '威海市示例路' || i %% 999 + 1 || '号', '0631-0000000', '', '' FROM batch
    """,
    """
    INSERT INTO enforcement_source (id, number, channel, received_at, summary, complainant_name, complainant_phone,
                                    workers_affected, registered_by_id, unit_id)
    SELECT source, '压测源〔' || year || '〕' || i || '号', 'complaint', registered,
           '反映' || name || '存在' || label || '的情形，要求查处。', '投诉示例', '', 1 + i %% 30, lead, unit FROM batch
    """,
    f"""
    INSERT INTO enforcement_case (id, number, title, search_text, unit_id, act_kind, source_id, party_id, violation, state,
        registered_at, proposed_at, filed_at, concluded_at, notified_at, decided_at, served_at, performed_at, ended_at,
        last_step_at, state_since, initiation_reason, proposed_by_id, filed_by_id, remarks, performance_note, end_ground,
        end_reason, revoked_at, revoke_reason, is_complex, is_major, major_grounds, review_result, review_agreed_at,
        review_text_digest)
    SELECT b.case, CASE WHEN b.facts > 2 THEN '压测案〔' || b.year || '〕' || b.i || '号' ELSE '' END, b.title,
           '', b.unit, 'penalty', b.source, b.party, b.violation, 'registered', b.registered, {_at(1, 1)}, {_at(2, 3)},
           {_at(5, 40)}, {_at(6, 43)}, {_at(9, 55)}, {_at(10, 59)}, {_at(12, 68)}, b.ended,
           l.at, l.at, '有初步材料佐证，需要立案调查。', CASE WHEN b.facts > 1 THEN b.lead END,
           CASE WHEN b.facts > 2 THEN b.head END, '', '',
           coalesce(g.ground, CASE WHEN b.facts > 13 THEN 'performed' ELSE '' END),
           CASE WHEN b.ending = 'revoked' THEN '' ELSE
               coalesce(g.reason, CASE WHEN b.facts > 13 THEN '罚款已缴清，同意结案。' ELSE '' END) END,
           CASE WHEN b.ending = 'revoked' THEN b.ended END, CASE WHEN b.ending = 'revoked' THEN g.reason ELSE '' END,
           false, b.facts > 8, '[]',
           CASE WHEN b.facts > 9 THEN 'agree' ELSE '' END, {_at(9, 54)}, ''
      FROM batch b LEFT JOIN ground g ON g.ending = b.ending
     CROSS JOIN LATERAL (SELECT coalesce(b.ended, b.registered + b.last_day * interval '1 day') AS at) AS l
    """,
    *(
        f"""
        UPDATE enforcement_case c SET state = b.path[{step}]
          FROM batch b WHERE c.id = b.case AND cardinality(b.path) >= {step}
        """
        for step in range(1, LONGEST_PATH + 1)
    ),
    # Last, because the index over the characters is the dearest of all.
    """
    UPDATE enforcement_case c
       SET search_text = concat_ws(' ', CASE WHEN b.facts > 9 THEN '压测罚决字〔' || b.year || '〕' || b.i || '号' END,
                     CASE WHEN b.facts > 2 THEN '压测案〔' || b.year || '〕' || b.i || '号' END,
                     '压测源〔' || b.year || '〕' || b.i || '号', b.title, b.code)
      FROM batch b WHERE c.id = b.case
    """,
    """
    INSERT INTO enforcement_caseofficer (case_id, official_id, part)
    SELECT b.case, o.official, o.part FROM batch b
     CROSS JOIN LATERAL (VALUES (b.lead, 'lead'), (b.co, 'co')) AS o (official, part) WHERE b.facts > 1
    """,
    """
    WITH act AS (
        INSERT INTO enforcement_evidenceact (case_id, kind, started_at, ended_at, place, persons, certificates_shown,
                                             rights_told, summary, excluded_reason, settlement)
        SELECT b.case, f.kind, b.registered + f.day * interval '1 day' - interval '1 hour',
               b.registered + f.day * interval '1 day', '威海市示例路', '示例某', true, true,
               '核对考勤记录、工资表和劳动合同，制作笔录，当事人签字。', '', ''
          FROM batch b JOIN (VALUES (3, 'site_inspection', 8), (4, 'interview', 15)) AS f (no, kind, day) ON b.facts > f.no
        RETURNING id, case_id
    )
    INSERT INTO enforcement_actofficer (act_id, official_id)
    SELECT act.id, o.official FROM act JOIN batch b ON b.case = act.case_id
     CROSS JOIN LATERAL (VALUES (b.lead), (b.co)) AS o (official)
    """,
    """
    INSERT INTO enforcement_conclusion (case_id, facts, evidence, opinion, complex_reason, concluded_at, concluded_by_id)
    SELECT b.case, '经查，' || b.name || b.label || '。', '现场检查笔录、询问笔录。', '建议处罚。', '',
           b.registered + interval '40 days', b.lead FROM batch b WHERE b.facts > 5
    """,
    """
    WITH notice AS (
        INSERT INTO enforcement_rightsnotice (case_id, number, penalties, fine, proposed, facts, reasons, basis,
                                              hearing_offered, served_at, recipient, served_by_id)
        SELECT b.case, '压测告字〔' || b.year || '〕' || b.i || '号', '{fine}', 2000 + b.i %% 18000, '罚款', '经查属实。', '违反规定。',
               '《劳动保障监察条例》第三十条', true, b.registered + interval '43 days', '示例某', b.lead
          FROM batch b WHERE b.facts > 6
        RETURNING id, case_id
    )
    INSERT INTO enforcement_rightsanswer (notice_id, kind, answered_at, content, review, recorded_by_id)
    SELECT notice.id, 'waived', b.registered + interval '46 days', '', '', b.lead
      FROM notice JOIN batch b ON b.case = notice.case_id WHERE b.facts > 7
    """,
    """
    WITH draft AS (
        INSERT INTO enforcement_decisiondraft (case_id, version, drafted_at, drafted_by_id, remarks, facts, evidence,
            violated, basis, penalties, fine, penalty_text, discretion_tier, discretion_reason, statement_review,
            performance, remedies, text_digest)
        SELECT b.case, 1, b.registered + interval '48 days', b.lead, '', '经查，' || b.name || b.label || '。', '笔录。',
               '《劳动保障监察条例》第三十条', '《劳动保障监察条例》第三十条', '{fine}', 2000 + b.i %% 18000,
               '罚款人民币' || 2000 + b.i %% 18000 || '元', '一般', '没有从轻、减轻情节。', '当事人放弃陈述、申辩和听证。',
               '十五日内缴纳。', '可以依法申请行政复议或者提起行政诉讼。', encode(sha256(convert_to(b.name, 'UTF8')), 'hex')
          FROM batch b WHERE b.facts > 8
        RETURNING *
    )
    INSERT INTO enforcement_decision (case_id, draft_id, number, decided_at, signed_by_id, sealed, facts, evidence, violated,
        basis, penalties, fine, penalty_text, discretion_tier, discretion_reason, statement_review, performance, remedies,
        text_digest)
    SELECT b.case, d.id, '压测罚决字〔' || b.year || '〕' || b.i || '号', b.registered + interval '55 days', %(leader)s, true,
           d.facts, d.evidence, d.violated, d.basis, d.penalties, d.fine, d.penalty_text, d.discretion_tier,
           d.discretion_reason, d.statement_review, d.performance, d.remedies, d.text_digest
      FROM draft d JOIN batch b ON b.case = d.case_id WHERE b.facts > 9
    """,
    """
    INSERT INTO enforcement_service (case_id, method, served_at, recipient, place, consent_signed, served_by_id)
    SELECT b.case, 'direct', b.registered + interval '59 days', '示例某', '威海市示例路', false, b.lead FROM batch b WHERE b.facts > 10
    """,
    """
    INSERT INTO enforcement_payment (case_id, amount, surcharge, paid_at, receipt_number, recorded_by_id)
    SELECT b.case, 2000 + b.i %% 18000, 0, b.registered + interval '68 days', '示例凭证' || b.i, b.lead FROM batch b WHERE b.facts > 12
    """,
    """
    INSERT INTO disclosure_notice (id, case_id, unit_id, kind, state, title, party_name, party_category, credit_code,
        legal_representative, number, violation, facts, basis, penalty_kinds, content, fine, decided_on, agency_name,
        agency_code, redactions, prepared_by, decided_at, drafted_at, last_step_at, submitted_at, submitted_by_id, remarks,
        exclusion_ground, exclusion_reason, withdrawal_reason, search_text)
    SELECT b.notice, b.case, b.unit, 'penalty', 'draft', b.name || b.label || '行政处罚决定', b.name, 'organisation', b.code,
           '示例某', '压测罚决字〔' || b.year || '〕' || b.i || '号', b.label, '经查，' || b.name || b.label || '。',
           '《劳动保障监察条例》第三十条', '罚款', '罚款人民币' || 2000 + b.i %% 18000 || '元', 2000 + b.i %% 18000,
           (d.at AT TIME ZONE 'Asia/Shanghai')::date, %(agency)s, '', '[]', ARRAY[b.lead, b.co], d.at, d.at, d.at, d.at, b.lead,
           '', '', '', '', ''
      FROM batch b CROSS JOIN LATERAL (SELECT b.registered + interval '55 days' AS at) AS d WHERE b.notice IS NOT NULL
    """,
    "UPDATE disclosure_notice n SET state = 'in_review' FROM batch b WHERE n.id = b.notice",
    """
    UPDATE disclosure_notice n
       SET state = 'published', reviewed_by_id = %(publisher)s, reviewed_at = p.at, published_at = p.at, last_step_at = p.at,
           search_text = concat_ws(E'\n', n.party_name, n.credit_code, n.number, n.violation, n.facts, n.content)
      FROM batch b CROSS JOIN LATERAL (SELECT b.registered + interval '62 days' AS at) AS p WHERE n.id = b.notice
    """,
)

# Payloads name the rows they speak of.
_ROWS: Final = """
UPDATE happened h SET payload = (h.payload::jsonb || jsonb_strip_nulls(named.rows))::text
  FROM batch b
 CROSS JOIN LATERAL (SELECT encode(sha256(convert_to(b.name, 'UTF8')), 'hex') AS digest) AS t
 CROSS JOIN LATERAL (VALUES
    (1, jsonb_build_object('officers', ARRAY[b.lead, b.co])),
    (3, (SELECT jsonb_build_object('act', a.id, 'officers', ARRAY[b.lead, b.co]) FROM enforcement_evidenceact a
          WHERE a.case_id = b.case AND a.kind = 'site_inspection')),
    (4, (SELECT jsonb_build_object('act', a.id, 'officers', ARRAY[b.lead, b.co]) FROM enforcement_evidenceact a
          WHERE a.case_id = b.case AND a.kind = 'interview')),
    (6, (SELECT jsonb_build_object('notice', n.id) FROM enforcement_rightsnotice n WHERE n.case_id = b.case)),
    (7, (SELECT jsonb_build_object('notice', n.id, 'answer', a.id) FROM enforcement_rightsnotice n
           JOIN enforcement_rightsanswer a ON a.notice_id = n.id WHERE n.case_id = b.case)),
    (8, (SELECT jsonb_build_object('text_digest', d.text_digest, 'major_grounds', ARRAY['ordinary_procedure'])
           FROM enforcement_decisiondraft d WHERE d.case_id = b.case)),
    (9, (SELECT jsonb_build_object('decision', d.id, 'text_digest', d.text_digest) FROM enforcement_decision d
          WHERE d.case_id = b.case)),
    (11, jsonb_build_object('case', b.case)),
    (12, (SELECT jsonb_build_object('payment', p.id) FROM enforcement_payment p WHERE p.case_id = b.case)),
    (20, jsonb_build_object('case', b.case, 'text_digest', t.digest)),
    (21, jsonb_build_object('case', b.case, 'reviewer', %(reviewer)s)),
    (22, jsonb_build_object('case', b.case, 'text_digest', t.digest,
                            'points', (SELECT array_agg(p.key || ':sound' ORDER BY p.no) FROM point p))),
    (30, (SELECT jsonb_build_object('case', b.case, 'act', r.act_id) FROM recording_recording r WHERE r.id = b.recording)),
    (31, (SELECT jsonb_build_object('case', b.case, 'act', r.act_id, 'sha256', r.sha256, 'sm3', r.sm3, 'size', r.size)
            FROM recording_recording r WHERE r.id = b.recording)),
    (32, (SELECT jsonb_build_object('case', b.case, 'act', r.act_id) FROM recording_recording r WHERE r.id = b.recording)),
    (43, jsonb_build_object('case', b.case))
 ) AS named (no, rows)
 WHERE h.case = b.case AND h.no = named.no AND named.rows IS NOT NULL
"""

# The chain gives each line its place; facts find their lines by it.
FACTS: Final = """
WITH line AS (
    INSERT INTO core_ledgerentry (stream, body)
    SELECT h.stream,
           format('{"backlog":true,"by":%%s,"fact":"%%s","happened_at":"%%s","payload":%%s,"unit":%%s}', h.by, h.name,
                  core_ledger_moment(h.at), h.payload, h.unit)
      FROM happened h ORDER BY h.stream, h.seq
    RETURNING id, stream, seq, recorded_at
)
INSERT INTO core_factrecord (id, name, label, stream, anchor, unit_id, subject_title, subject_url, payload, happened_at,
                             recorded_at, recorded_by_id, entry_id, is_backlog, reason)
SELECT h.fact, h.name, h.label, h.stream, h.anchor, h.unit, h.title, h.url, h.payload::jsonb, h.at, line.recorded_at, h.by,
       line.id, true, ''
  FROM line JOIN happened h USING (stream, seq)
"""

DUTIES: Final = """
INSERT INTO core_duty (obligation, title, kind, anchor, file_stream, subject_title, subject_url, unit_id, owner_unit_id, owed_by,
    period_key, rule_id, bases, adopted, provisional, deadline_precedes_rule, explained_by_id, opened_by_id, opened_at,
    day_zero, nominal_day, due_at, alert_from, pauses, met_at, met_by_id, void_reason)
SELECT c.obligation, c.title, c.kind, h.anchor, 'case:' || h.case, b.title, '/desk/cases/' || b.case || '/', h.unit,
       CASE WHEN c.owner = 0 THEN h.unit ELSE c.owner END, c.owed_by, '', c.rule_id, c.bases, c.adopted, c.provisional,
       c.deadline_precedes_rule, c.explained_by, h.fact, h.at, c.day_zero, c.nominal_day, c.due_at, c.alert_from,
       '[]', met.at, met.fact, ''
  FROM happened h JOIN batch b USING ("case")
  JOIN counted c ON c.happening = h.no AND c.day = (h.at AT TIME ZONE 'Asia/Shanghai')::date
  LEFT JOIN LATERAL (
    SELECT later.at, later.fact FROM happened later JOIN meeting m ON m.no = later.no AND m.obligation = c.obligation
     WHERE later.case = h.case AND later.anchor = h.anchor AND later.at > h.at ORDER BY later.at LIMIT 1
  ) AS met ON true
"""

# On which days what happened, so that the rulebook can be asked what it makes of it.
DAYS: Final = "SELECT DISTINCT no, (at AT TIME ZONE 'Asia/Shanghai')::date FROM happened"

BEGIN: Final = (
    "TRUNCATE batch, happened",
    _BATCH,
    _HAPPENED,
    "ANALYZE batch, happened",
)
FILL: Final = (
    *FILES,
    *REVIEWS,
    *RECORDINGS,
    *ENDS,
    _ROWS,
    FACTS,
    DUTIES,
)

# Duties of the course to choose from: first those that are near or overdue, then those that are far.
OWED: Final = """
CREATE TEMP TABLE owed AS
SELECT row_number() OVER (ORDER BY due_at > %(soon)s, day, obligation) - 1 AS no, due_at <= %(soon)s AS is_near, *
  FROM counted WHERE owner = 0 AND kind = 'deadline' AND due_at >= %(from)s AND happening < 20
"""

# No fact is named as having opened them: one fact opens one duty of a kind.
MORE_DUTIES: Final = """
INSERT INTO core_duty (obligation, title, kind, anchor, file_stream, subject_title, subject_url, unit_id, owner_unit_id, owed_by,
    period_key, rule_id, bases, adopted, provisional, deadline_precedes_rule, explained_by_id, opened_at,
    day_zero, nominal_day, due_at, alert_from, pauses, void_reason)
SELECT o.obligation, o.title, o.kind, 'case:' || k.id, 'case:' || k.id, k.title, '/desk/cases/' || k.id || '/', k.unit_id, k.unit_id,
       o.owed_by, '', o.rule_id, o.bases, o.adopted, o.provisional, o.deadline_precedes_rule, o.explained_by,
       (o.day + time '10:00') AT TIME ZONE 'Asia/Shanghai', o.day_zero, o.nominal_day, o.due_at, o.alert_from, '[]', ''
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i
 CROSS JOIN LATERAL (SELECT abs(hashint8(i)::bigint) AS mix) AS m
  JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS no, id, title, unit_id FROM enforcement_case) AS k ON k.no = mix / 7 %% %(cases)s
  JOIN owed o ON o.no = CASE WHEN i %% %(near_one_in)s = 0 THEN mix %% %(near)s ELSE %(near)s + mix %% %(far)s END
"""
