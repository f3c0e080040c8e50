"""The pages of metrics, which belong to no project."""

from django.urls import path

from apps.evaluations import views

app_name = "metrics"
urlpatterns = [
    path("", views.MetricList.as_view(), name="list"),
    path("<slug:metric>/", views.MetricDetail.as_view(), name="detail"),
]
