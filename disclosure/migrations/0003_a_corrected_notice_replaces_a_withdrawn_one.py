# ruff: noqa: E501
"""A withdrawn notice may be replaced by a corrected one: the link and its reason are frozen like the text."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

TEXT_STAYS = """
CREATE OR REPLACE FUNCTION disclosure_notice_text_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '公示记录不得删除' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (OLD.replaces_id, OLD.correction_reason) IS DISTINCT FROM (NEW.replaces_id, NEW.correction_reason) THEN
        RAISE EXCEPTION '更正说明和所更正的公示不得修改' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'draft' AND (
        OLD.title, OLD.party_name, OLD.party_category, OLD.credit_code, OLD.legal_representative, OLD.number, OLD.violation, OLD.facts,
        OLD.basis, OLD.penalty_kinds, OLD.content, OLD.fine, OLD.decided_on, OLD.agency_name, OLD.agency_code, OLD.case_id, OLD.kind
    ) IS DISTINCT FROM (
        NEW.title, NEW.party_name, NEW.party_category, NEW.credit_code, NEW.legal_representative, NEW.number, NEW.violation, NEW.facts,
        NEW.basis, NEW.penalty_kinds, NEW.content, NEW.fine, NEW.decided_on, NEW.agency_name, NEW.agency_code, NEW.case_id, NEW.kind
    ) THEN
        RAISE EXCEPTION '公示文本送审后不得修改' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
UNDO = """
CREATE OR REPLACE FUNCTION disclosure_notice_text_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '公示记录不得删除' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state <> 'draft' AND (
        OLD.title, OLD.party_name, OLD.party_category, OLD.credit_code, OLD.legal_representative, OLD.number, OLD.violation, OLD.facts,
        OLD.basis, OLD.penalty_kinds, OLD.content, OLD.fine, OLD.decided_on, OLD.agency_name, OLD.agency_code, OLD.case_id, OLD.kind
    ) IS DISTINCT FROM (
        NEW.title, NEW.party_name, NEW.party_category, NEW.credit_code, NEW.legal_representative, NEW.number, NEW.violation, NEW.facts,
        NEW.basis, NEW.penalty_kinds, NEW.content, NEW.fine, NEW.decided_on, NEW.agency_name, NEW.agency_code, NEW.case_id, NEW.kind
    ) THEN
        RAISE EXCEPTION '公示文本送审后不得修改' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0002_edges_and_frozen_texts")]
    operations = [
        migrations.AddField(
            "notice",
            "replaces",
            models.OneToOneField(
                "disclosure.Notice",
                django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="replacement",
                verbose_name="更正的公示",
            ),
        ),
        # The database gives the empty text too: rows are also written by plain SQL.
        migrations.AddField(
            "notice", "correction_reason", models.TextField("更正说明", blank=True, default="", db_default="")
        ),
        migrations.RemoveConstraint("notice", "one_notice_of_a_kind_per_case"),
        migrations.AddConstraint(
            "notice",
            models.UniqueConstraint(
                name="one_notice_of_a_kind_per_case", fields=["case_id", "kind"], condition=~Q(state="withdrawn")
            ),
        ),
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(
                name="a_correction_says_what_was_wrong",
                condition=Q(replaces__isnull=True, correction_reason="")
                | (Q(replaces__isnull=False) & ~Q(correction_reason="")),
                violation_error_message="更正公示须公开说明更正的内容和理由",
            ),
        ),
        migrations.RunSQL(TEXT_STAYS, UNDO),
    ]
