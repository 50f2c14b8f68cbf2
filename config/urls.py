"""Every address of the product. `/` is the public site, `/desk/` the workbench, `/api/v1/` the API."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/admin/", admin.site.urls),
]

for prefix, module in (
    ("desk/", "core.desk.urls"),
    ("desk/", "agency.urls"),
    ("desk/cases/", "enforcement.urls"),
    ("desk/recordings/", "recording.urls"),
    ("desk/reviews/", "legalreview.urls"),
    ("desk/disclosure/", "disclosure.urls"),
    ("desk/supervision/", "supervision.urls"),
    ("api/v1/", "config.api"),
    ("", "config.health"),
    ("", "disclosure.public_urls"),
):
    package = module.rpartition(".")[0]
    if find_spec(package) and find_spec(module):
        urlpatterns.append(path(prefix, include(module)))
