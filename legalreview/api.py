"""Reviews over the API: read what one may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers, viewsets

from legalreview import selectors
from legalreview.models import Review


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """One round of review."""

    class Meta:
        model = Review
        fields = ("id", "case", "round", "state", "text_digest", "submitted_at", "accepted_at", "opinion", "opinion_at")
        read_only_fields = fields


class ReviewViewSet(viewsets.ReadOnlyModelViewSet[Review]):
    """Reviews that the signed-in official may see; any other id answers like an absent one."""

    serializer_class = ReviewSerializer
    queryset = Review.objects.none()
    filterset_fields = ("state", "case")

    def get_queryset(self) -> QuerySet[Review]:
        official: Any = self.request.user
        return selectors.visible_reviews(official)


routes = [("reviews", ReviewViewSet, "review")]
