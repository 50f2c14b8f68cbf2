from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enforcement", "0007_what_was_registered_keeps_its_old_values"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="revoked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="撤销时间"),
        ),
        migrations.AddField(
            model_name="case",
            name="revoke_reason",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="撤销理由"),
        ),
        # What a revocation wrote over the reason of closing cannot be told apart any more; it is the revocation's.
        migrations.RunSQL(
            """
            UPDATE enforcement_case SET revoked_at = ended_at, revoke_reason = end_reason, end_reason = ''
            WHERE state = 'revoked';
            SET CONSTRAINTS ALL IMMEDIATE
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoked_at__isnull", False), models.Q(("state", "revoked"), _negated=True), _connector="OR"
                ),
                name="a_revoked_case_has_its_moment",
            ),
        ),
    ]
