"""Pages of this app."""

from django.urls import path

from apps.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.JobList.as_view(), name="list"),
    path("<uuid:job>/", views.JobDetail.as_view(), name="detail"),
    path("<uuid:job>/fragment/", views.JobFragment.as_view(), name="fragment"),
    path("<uuid:job>/cancel/", views.CancelJob.as_view(), name="cancel"),
    path("<uuid:job>/retry/", views.RetryJob.as_view(), name="retry"),
]
