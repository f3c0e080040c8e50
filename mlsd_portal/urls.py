"""Every route of the portal."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="projects:list"), name="home"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("settings/", include("apps.accounts.urls")),
    path("api/", include("mlsd_portal.api")),
    path("projects/", include("apps.projects.urls")),
    path("projects/<slug:project>/jobs/", include("apps.jobs.urls")),
    path("projects/<slug:project>/files/", include("apps.datasets.urls")),
    path("projects/<slug:project>/runs/", include("apps.evaluations.urls")),
]
