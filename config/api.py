"""The API: each app's `api.routes`, and the OpenAPI schema of all of them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

APPS = ("core.desk", "enforcement", "recording", "legalreview", "disclosure", "supervision")

router = SimpleRouter()
urlpatterns: list[URLPattern | URLResolver] = [path("schema/", SpectacularAPIView.as_view(), name="api-schema")]

for app in APPS:
    if find_spec(app) is None or find_spec(f"{app}.api") is None:
        continue
    api = import_module(f"{app}.api")
    for prefix, viewset, basename in getattr(api, "routes", ()):
        router.register(prefix, viewset, basename)
    urlpatterns += getattr(api, "urlpatterns", [])

urlpatterns += router.urls
