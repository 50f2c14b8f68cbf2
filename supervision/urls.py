"""Addresses of supervision on the desk."""

from __future__ import annotations

from django.urls import path

from supervision import views

app_name = "supervision"

urlpatterns = [
    path("", views.home, name="home"),
    path("plan/", views.plan, name="plan"),
    path("plan/<period:period>/<str:item>/<int:unit_id>/", views.report_item, name="report_item"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("reports/<int:pk>/attachment/", views.attachment, name="attachment"),
    path("board/", views.board, name="board"),
    path("board/export.<str:kind>", views.export, name="export"),
    path("what-if/", views.what_if, name="what_if"),
    path("duties/", views.duties, name="duties"),
    path("decisions/", views.decisions, name="decisions"),
]
