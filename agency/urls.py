"""Addresses below /desk/: the door, the own account, and the agency's pages."""

from django.urls import path

from agency import signin, telling_views, views

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
    path("agency/officials/<int:pk>/leave/", telling_views.new_leave, name="new_leave"),
    path("agency/leaves/<int:pk>/end/", telling_views.end_leave, name="end_leave"),
    path("agency/robots/", telling_views.robots, name="robots"),
    path("agency/robots/new/", telling_views.new_robot, name="new_robot"),
    path("agency/robots/<int:pk>/address/", telling_views.robot_address, name="robot_address"),
    path("agency/robots/<int:pk>/<str:act>/", telling_views.robot_act, name="robot_act"),
    path("agency/deliveries/", telling_views.deliveries, name="deliveries"),
    path("agency/deliveries/<int:pk>/again/", telling_views.send_again, name="send_again"),
    path("agency/officials/<int:pk>/<str:act>/", views.secure, name="secure"),
    path("agency/appointments/<int:pk>/end/", views.end_appointment, name="end_appointment"),
    path("agency/audit/", views.audit_trail, name="audit"),
]
