"""Every address of the product. `/` is the public site, `/desk/` the workbench, `/api/v1/` the API."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("desk/admin/", admin.site.urls),
    path("desk/", include("core.desk.urls")),
    path("desk/", include("agency.urls")),
    path("desk/cases/", include("enforcement.urls")),
    path("desk/recordings/", include("recording.urls")),
    path("desk/reviews/", include("legalreview.urls")),
    path("desk/disclosure/", include("disclosure.urls")),
    path("desk/supervision/", include("supervision.urls")),
    path("api/v1/", include("config.api")),
    path("", include("config.health")),
    path("", include("disclosure.public_urls")),
]
handler500 = "config.errors.server_error"
