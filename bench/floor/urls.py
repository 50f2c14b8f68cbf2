from django.urls import path

from bench.floor import views

urlpatterns = [
    path("keyset/", views.CaseList.as_view()),
    path("numbered/", views.NumberedCaseList.as_view()),
    path("cases/<int:pk>/", views.CaseDetail.as_view()),
]
