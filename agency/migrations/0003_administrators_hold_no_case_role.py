"""An administrator holds no role in cases."""

import django.contrib.postgres.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0002_audit_is_append_only"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="appointment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("official", "="),
                    (
                        models.Case(
                            models.When(role__in=["auditor", "security_admin", "system_admin"], then=models.Value(1)),
                            default=models.Value(0),
                            output_field=models.SmallIntegerField(),
                        ),
                        "<>",
                    ),
                    ("term", "&&"),
                ],
                name="administrators_hold_no_role_in_cases",
                violation_error_message="管理员不得兼任办案、审核、监督等业务角色，业务人员不得兼任管理员",
            ),
        ),
    ]
