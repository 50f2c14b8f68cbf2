"""The API: each app's `routes` and `urlpatterns`, and the OpenAPI schema of all of them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from core.desk import api as desk
from core.views import reads_on_get
from disclosure import api as disclosure
from enforcement import api as enforcement
from legalreview import api as legalreview
from recording import api as recording
from supervision import api as supervision

router = SimpleRouter()
for app in (desk, enforcement, recording, legalreview, disclosure):
    for prefix, viewset, basename in app.routes:
        router.register(prefix, viewset, basename)

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    *disclosure.urlpatterns,
    *enforcement.urlpatterns,
    *supervision.urlpatterns,
    *router.urls,
]
for pattern in urlpatterns:
    if isinstance(pattern, URLPattern):
        pattern.callback = reads_on_get(pattern.callback)
