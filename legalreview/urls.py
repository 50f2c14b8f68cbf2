from django.urls import path

from legalreview import views

app_name = "legalreview"

urlpatterns = [
    path("", views.reviews, name="reviews"),
    path("cases/<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/steps/<str:key>/", views.take_step, name="step"),
    path("<int:pk>/opinion.pdf", views.document, name="document"),
]
