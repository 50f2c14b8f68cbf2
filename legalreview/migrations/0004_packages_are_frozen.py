"""A review keeps the list of papers that were submitted. For reviews from before: the papers the case had by then."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def list_papers(apps: Any, schema_editor: Any) -> None:
    review_model = apps.get_model("legalreview", "Review")
    document_model = apps.get_model("enforcement", "CaseDocument")
    for review in review_model.objects.all().iterator():
        papers = document_model.objects.filter(case=review.case_id, made_at__lte=review.submitted_at)
        review.papers = [
            {
                "document": paper.pk,
                "title": paper.title,
                "number": paper.number,
                "made_at": paper.made_at.isoformat(),
                "sha256": paper.file.sha256 if paper.file else "",
                "size": paper.file.size if paper.file else None,
            }
            for paper in papers.select_related("file").order_by("-made_at", "-pk")
        ]
        review.save(update_fields=["papers"])


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_facts_duties_and_files"),
        ("enforcement", "0003_cases_are_searchable"),
        ("legalreview", "0003_back_from_supplementing"),
    ]
    operations = [
        migrations.AddField(
            model_name="review",
            name="papers",
            field=models.JSONField(default=list, verbose_name="案卷文书清单"),
        ),
        migrations.RunPython(list_papers, migrations.RunPython.noop),
    ]
