"""Every route of the portal."""

from django.urls import include, path
from django.views.generic import RedirectView

from apps.evaluations.views import ChooseProject

urlpatterns = [
    # Before allauth's page of this address: people are added to projects by their e-mail address, so nobody
    # may take one that a site admin did not give them.
    path("accounts/email/", RedirectView.as_view(pattern_name="accounts:settings"), name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("settings/", include("apps.accounts.urls")),
    path("api/", include("mlsd_portal.api")),
    path("metrics/", include("apps.evaluations.metric_urls")),
    path("projects/upload/", ChooseProject.as_view(), name="upload"),
    path("projects/", include("apps.projects.urls")),
    path("", include("apps.dashboards.urls")),
    # Before the life of a project, whose addresses stand directly below it.
    path("projects/<slug:project>/requirements/", include("apps.requirements.urls")),
    path("projects/<slug:project>/design/", include("apps.documents.urls")),
    # These name their addresses from the root, as they have pages of one project and of all.
    path("", include("apps.analysis.urls")),
    path("", include("apps.money.urls")),
    path("", include("apps.monitoring.urls")),
    path("", include("apps.notifications.urls")),
    path("projects/<slug:project>/ledger/", include("apps.ledger.urls")),
    path("projects/<slug:project>/models/", include("apps.releases.urls")),
    path("projects/<slug:project>/", include("apps.lifecycle.urls")),
    path("projects/<slug:project>/jobs/", include("apps.jobs.urls")),
    path("projects/<slug:project>/files/", include("apps.datasets.urls")),
    path("projects/<slug:project>/runs/", include("apps.evaluations.urls")),
    path("projects/<slug:project>/drift/", include("apps.drift.urls")),
]
