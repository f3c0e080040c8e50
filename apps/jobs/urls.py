"""Pages of this app."""

from django.urls import path

from apps.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.JobList.as_view(), name="list"),
    path("<uuid:pk>/", views.JobDetail.as_view(), name="detail"),
    path("<uuid:pk>/fragment/", views.JobFragment.as_view(), name="fragment"),
    path("<uuid:pk>/cancel/", views.CancelJob.as_view(), name="cancel"),
    path("<uuid:pk>/retry/", views.RetryJob.as_view(), name="retry"),
]
