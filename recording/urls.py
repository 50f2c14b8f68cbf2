"""Addresses below /desk/recordings/."""

from django.urls import path

from recording import receiving, views

app_name = "recording"

urlpatterns = [
    path("", views.recordings, name="list"),
    path("acts/<int:act_pk>/upload/", views.upload, name="upload"),
    path("acts/<int:act_pk>/register/", views.register, name="register"),
    path("acts/<int:act_pk>/uploads/", receiving.create, name="uploads"),
    path("uploads/<str:token>/", receiving.piece, name="piece"),
    path("devices/", views.devices, name="devices"),
    path("access/<int:pk>/", views.access_request, name="access"),
    path("access/<int:pk>/steps/<slug:key>/", views.access_step, name="access_step"),
    path("<int:pk>/", views.recording, name="detail"),
    path("<int:pk>/steps/<slug:key>/", views.take_step, name="step"),
    path("<int:pk>/explain/", views.explain, name="explain"),
    path("<int:pk>/work-end/", views.work_end, name="work_end"),
    path("<int:pk>/custody/", views.custody, name="custody"),
    path("<int:pk>/access/", views.request_access, name="request_access"),
    path("<int:pk>/content/", views.content, name="content"),
]
