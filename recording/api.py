"""Recordings in the API: what they are, never their bytes. The same queryset as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from recording.models import Recording
from recording.selectors import visible_recordings


class RecordingSerializer(serializers.ModelSerializer[Recording]):
    """One recording. Moments with their zone, lengths in seconds."""

    gap_seconds = serializers.IntegerField(read_only=True)
    needs_explanation = serializers.BooleanField(read_only=True)

    class Meta:
        model = Recording
        fields = (
            "id",
            "case",
            "act",
            "unit",
            "sequence",
            "state",
            "started_at",
            "made_at",
            "work",
            "work_ended_at",
            "handed_over_at",
            "stored_at",
            "index_completed_at",
            "sha256",
            "sm3",
            "size",
            "duration",
            "container",
            "codecs",
            "claimed_at",
            "flags",
            "findings",
            "gaps",
            "gap_seconds",
            "needs_explanation",
            "fault",
            "place",
            "scene",
            "participants",
            "violation",
            "verified_at",
        )
        read_only_fields = fields


class RecordingViewSet(ReadOnlyModelViewSet[Recording]):
    """Recordings the official may see, newest first."""

    serializer_class = RecordingSerializer
    queryset = Recording.objects.none()
    lookup_value_regex = r"\d{1,18}"
    filterset_fields = ("case", "act", "state")

    def get_queryset(self) -> QuerySet[Recording]:
        official: Any = self.request.user
        return visible_recordings(official)


routes = [("recordings", RecordingViewSet, "recording")]
