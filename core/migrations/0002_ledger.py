"""The tables of the ledger; 0003 gives them their triggers, the sealer and the rights."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_serving_role")]

    operations = [
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stream", models.TextField(verbose_name="文件")),
                ("seq", models.BigIntegerField(verbose_name="序号")),
                ("body", models.TextField(verbose_name="内容")),
                ("prev_hash", models.CharField(max_length=64, verbose_name="前一行摘要")),
                ("hash", models.CharField(max_length=64, verbose_name="摘要")),
                ("recorded_at", models.DateTimeField(verbose_name="入账时间")),
            ],
            options={
                "verbose_name": "记录链",
                "verbose_name_plural": "记录链",
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "seq"), name="ledger_one_line_per_place"),
                    models.UniqueConstraint(fields=("stream", "prev_hash"), name="ledger_no_fork"),
                    models.CheckConstraint(
                        condition=models.Q(("stream__regex", "^[^[:cntrl:]]{1,200}$")),
                        name="ledger_stream_is_one_short_line",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogQueue",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="queued",
                        serialize=False,
                        to="core.ledgerentry",
                    ),
                ),
                ("stream", models.TextField(verbose_name="文件")),
                ("seq", models.BigIntegerField(verbose_name="序号")),
                ("hash", models.CharField(max_length=64, verbose_name="摘要")),
            ],
            options={"verbose_name": "待封存", "verbose_name_plural": "待封存"},
        ),
        migrations.CreateModel(
            name="LogLeaf",
            fields=[
                (
                    "log_index",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="日志序号"),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="leaf",
                        to="core.ledgerentry",
                    ),
                ),
                ("stream", models.TextField(verbose_name="文件")),
                ("seq", models.BigIntegerField(verbose_name="序号")),
                ("hash", models.CharField(max_length=64, verbose_name="摘要")),
            ],
            options={"verbose_name": "封存日志", "verbose_name_plural": "封存日志"},
        ),
        migrations.CreateModel(
            name="LogNode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.SmallIntegerField(verbose_name="层")),
                ("index", models.BigIntegerField(verbose_name="位置")),
                ("hash", models.BinaryField(verbose_name="摘要")),
            ],
            options={"verbose_name": "日志节点", "verbose_name_plural": "日志节点"},
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField(unique=True, verbose_name="行数")),
                ("root", models.CharField(max_length=64, verbose_name="根摘要")),
                ("previous", models.CharField(max_length=64, unique=True, verbose_name="前一封存摘要")),
                ("sealed_at", models.DateTimeField(verbose_name="封存时间")),
                ("hash", models.CharField(max_length=64, unique=True, verbose_name="封存摘要")),
            ],
            options={
                "verbose_name": "封存",
                "verbose_name_plural": "封存",
                "ordering": ["-size"],
                "get_latest_by": "size",
            },
        ),
    ]
