"""Addresses of the public site: readable by anybody, without login."""

from django.urls import path

from disclosure import public_views as views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("notices/<int:pk>/", views.notice, name="notice"),
    path("notices/<int:pk>.json", views.notice_json, name="notice_json"),
    path("notices.atom", views.feed, name="feed"),
    path("verify/", views.verify, name="verify"),
    path("seals/", views.seals, name="seals"),
    path("seals/<int:size>.json", views.seal_json, name="seal_json"),
    path("law/", views.law_page, name="law"),
    path("calculator/", views.calculator_page, name="calculator"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", views.sitemap_part, name="sitemap_part"),
    path("robots.txt", views.robots, name="robots"),
]
