"""Addresses under /desk/disclosure/."""

from django.urls import path

from disclosure import views

app_name = "disclosure"
urlpatterns = [
    path("", views.notices, name="list"),
    path("export.<str:kind>", views.export, name="export"),
    path("<int:pk>/", views.notice, name="detail"),
    path("<int:pk>/steps/<slug:key>/", views.take_step, name="step"),
]
