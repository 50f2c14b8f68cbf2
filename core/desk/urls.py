"""Addresses of core's pages on the desk."""

from __future__ import annotations

from django.urls import path

from core.desk import calendar_views, rule_views, views

app_name = "desk"

urlpatterns = [
    path("", views.home, name="home"),
    path("duties/", views.duties, name="duties"),
    path("duties/<int:pk>/", views.duty, name="duty"),
    path("messages/", views.messages, name="messages"),
    path("messages/read/", views.read_messages, name="read_messages"),
    path("messages/note/", views.note_messages, name="note_messages"),
    path("messages/<int:pk>/", views.open_message, name="open_message"),
    path("told/<str:token>/", views.told, name="told"),
    path("search/", views.search, name="search"),
    path("rules/", rule_views.rules, name="rules"),
    path("rules/coverage/", rule_views.coverage, name="coverage"),
    path("rules/<str:rule_id>/", rule_views.rule, name="rule"),
    path("instruments/<str:instrument_id>/", rule_views.instrument, name="instrument"),
    path("calendars/", calendar_views.years, name="calendars"),
    path("calendars/enter/", calendar_views.enter, name="calendar_enter"),
    path("calendars/<int:year>/", calendar_views.year, name="calendar"),
    path("ledger/<path:stream>/", views.ledger, name="ledger"),
]
