"""The bare list and the bare detail."""

from typing import Any

from rest_framework import generics, pagination, serializers

from bench.floor.models import FloorCase

PAGE = 50


class CaseSerializer(serializers.ModelSerializer[FloorCase]):
    unit = serializers.CharField(source="unit.name")
    party = serializers.CharField(source="party.name")

    class Meta:
        model = FloorCase
        fields = (
            "id",
            "number",
            "title",
            "state",
            "last_step_at",
            "registered_at",
            "lead",
            "duty",
            "due_at",
            "unit",
            "party",
        )


class Numbered(pagination.PageNumberPagination):
    """DRF's ordinary pages: one COUNT over the table a page."""

    page_size = PAGE


class Keyset(pagination.CursorPagination):
    page_size = PAGE
    ordering = ("-last_step_at", "-id")


class CaseList(generics.ListAPIView[FloorCase]):
    queryset = FloorCase.objects.select_related("unit", "party").order_by("-last_step_at", "-id")
    serializer_class = CaseSerializer
    pagination_class: Any = Keyset


class NumberedCaseList(CaseList):
    pagination_class = Numbered


class CaseDetail(generics.RetrieveAPIView[FloorCase]):
    queryset = FloorCase.objects.select_related("unit", "party")
    serializer_class = CaseSerializer
