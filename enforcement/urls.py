"""Addresses below /desk/cases/."""

from django.urls import path

from enforcement import views

app_name = "enforcement"

urlpatterns = [
    path("", views.cases, name="cases"),
    path("register/", views.register, name="register"),
    path("<int:pk>/", views.case, name="case"),
    path("<int:pk>/steps/<slug:key>/", views.take_step, name="step"),
    path("<int:pk>/documents/<int:document_pk>/", views.document, name="document"),
    path("<int:pk>/facts/<int:record_pk>/correct/", views.correct, name="correct"),
]
