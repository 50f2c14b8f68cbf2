"""Addresses below /desk/: the door, the own account, and the agency's pages."""

from django.urls import path

from agency import signin, views

app_name = "agency"

urlpatterns = [
    path("login/", signin.sign_in, name="sign_in"),
    path("logout/", signin.sign_out, name="sign_out"),
    path("password/", signin.password, name="password"),
    path("me/", views.me, name="me"),
    path("agency/", views.units, name="units"),
    path("agency/units/new/", views.new_unit, name="new_unit"),
    path("agency/officials/", views.officials, name="officials"),
    path("agency/officials/new/", views.new_official, name="new_official"),
    path("agency/officials/<int:pk>/", views.official, name="official"),
    path("agency/officials/<int:pk>/appoint/", views.appoint, name="appoint"),
    path("agency/officials/<int:pk>/certificates/new/", views.new_certificate, name="new_certificate"),
    path("agency/officials/<int:pk>/<str:act>/", views.secure, name="secure"),
    path("agency/appointments/<int:pk>/end/", views.end_appointment, name="end_appointment"),
    path("agency/audit/", views.audit_trail, name="audit"),
]
