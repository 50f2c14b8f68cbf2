"""Addresses of core's pages on the desk."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "desk"

urlpatterns: list[URLPattern] = []
