import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_facts_duties_and_files"),
        ("enforcement", "0009_the_day_on_which_the_act_ended"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CourtApplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("court", models.CharField(max_length=100, verbose_name="人民法院")),
                ("applied_at", models.DateTimeField(verbose_name="申请时间")),
            ],
            options={
                "verbose_name": "申请法院强制执行",
                "verbose_name_plural": "申请法院强制执行",
            },
        ),
        migrations.CreateModel(
            name="PerformanceDemand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("served_at", models.DateTimeField(verbose_name="送达时间")),
                ("recipient", models.CharField(max_length=80, verbose_name="收件人")),
                ("content", models.TextField(verbose_name="催告内容")),
            ],
            options={
                "verbose_name": "催告",
                "verbose_name_plural": "催告",
                "ordering": ("served_at", "pk"),
            },
        ),
        migrations.AddField(
            model_name="case",
            name="remedies_basis",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="期限届满的依据"),
        ),
        migrations.AddField(
            model_name="case",
            name="remedies_ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="复议、诉讼期限届满之日"),
        ),
        migrations.AlterField(
            model_name="casedocument",
            name="kind",
            field=models.CharField(
                choices=[
                    ("initiation_form", "立案审批表"),
                    ("correction_order", "劳动保障监察责令改正指令书"),
                    ("conclusion_report", "案件调查终结报告"),
                    ("rights_notice", "行政处罚事先告知书"),
                    ("penalty_decision", "行政处罚决定书"),
                    ("service_receipt", "送达回证"),
                    ("evidence", "证据材料"),
                    ("answer", "当事人书面材料"),
                    ("hearing", "听证笔录"),
                    ("discussion", "集体讨论记录"),
                    ("signed_receipt", "签收的送达回证"),
                    ("payment", "缴款凭证"),
                    ("demand", "催告书"),
                    ("court_application", "强制执行申请书"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("remedies_basis", ""), ("remedies_ended_on__isnull", True)),
                    models.Q(
                        ("remedies_ended_on__isnull", False),
                        ("served_at__isnull", False),
                        models.Q(("remedies_basis", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="terms_that_ran_out_have_their_basis_coercion_law_53",
            ),
        ),
        migrations.AddField(
            model_name="courtapplication",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="court_application", to="enforcement.case"
            ),
        ),
        migrations.AddField(
            model_name="courtapplication",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.storedfile",
                verbose_name="强制执行申请书",
            ),
        ),
        migrations.AddField(
            model_name="courtapplication",
            name="signed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="签名人",
            ),
        ),
        migrations.AddField(
            model_name="performancedemand",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="demands", to="enforcement.case"
            ),
        ),
        migrations.AddField(
            model_name="performancedemand",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.storedfile",
                verbose_name="催告书及送达回证",
            ),
        ),
        migrations.AddField(
            model_name="performancedemand",
            name="served_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="courtapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("court", ""), _negated=True), name="an_application_names_its_court"
            ),
        ),
        migrations.AddConstraint(
            model_name="performancedemand",
            constraint=models.CheckConstraint(
                condition=models.Q(("content", ""), _negated=True), name="a_demand_says_what_is_owed_coercion_law_54"
            ),
        ),
    ]
