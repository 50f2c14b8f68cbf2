"""Addresses below /desk/cases/."""

from django.urls import path

from enforcement import request_views, views

app_name = "enforcement"

urlpatterns = [
    path("", views.cases, name="cases"),
    path("register/", views.register, name="register"),
    path("<int:pk>/", views.case, name="case"),
    path("<int:pk>/steps/<slug:key>/", views.take_step, name="step"),
    path("<int:pk>/documents/<int:document_pk>/", views.document, name="document"),
    path("<int:pk>/facts/<int:record_pk>/correct/", request_views.ask_correction, name="correct"),
    path("<int:pk>/requests/<slug:kind>/<int:request_pk>/", request_views.show, name="request"),
    path(
        "<int:pk>/requests/<slug:kind>/<int:request_pk>/steps/<slug:key>/", request_views.take_step, name="request_step"
    ),
]
