"""The one router of the REST API, version 1, and its documentation."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from apps.accounts.api.views import ApiTokenViewSet
from apps.common.problems import not_found
from apps.datasets.api.views import DataFileViewSet
from apps.evaluations.api.views import RunViewSet
from apps.jobs.api.views import JobViewSet
from apps.projects.api.views import ProjectViewSet

router = SimpleRouter()
router.register("projects", ProjectViewSet, "project")
router.register("files", DataFileViewSet, "file")
router.register("runs", RunViewSet, "run")
router.register("jobs", JobViewSet, "job")
router.register("tokens", ApiTokenViewSet, "token")

urlpatterns = [
    path("v1/", include((router.urls, "api"))),
    path("v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-swagger"),
    path("redoc/", SpectacularRedocView.as_view(url_name="api-schema"), name="api-redoc"),
    re_path(r"^", not_found),
]
