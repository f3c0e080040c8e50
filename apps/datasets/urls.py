"""Pages of this app."""

from django.urls import path

from apps.datasets import views

app_name = "datasets"
urlpatterns = [
    path("", views.FileList.as_view(), name="list"),
    path("truth/", views.TruthUpload.as_view(), name="upload-truth"),
    path("data-sets/", views.DatasetList.as_view(), name="datasets"),
    path("data-sets/<int:dataset>/", views.DatasetDetail.as_view(), name="dataset"),
    path("data-sets/<int:dataset>/edit/", views.DatasetEdit.as_view(), name="edit-dataset"),
    path("data-sets/<int:dataset>/versions/<int:number>/", views.VersionDetail.as_view(), name="version"),
    path("data-sets/<int:dataset>/difference/", views.DifferencePage.as_view(), name="difference"),
    path("data-sets/<int:dataset>/expectations/", views.ExpectationList.as_view(), name="expectations"),
    path(
        "data-sets/<int:dataset>/expectations/add/",
        views.ExpectationKinds.as_view(),
        name="expectation-kinds",
    ),
    path(
        "data-sets/<int:dataset>/expectations/add/<slug:kind>/",
        views.ExpectationAdd.as_view(),
        name="add-expectation",
    ),
    path(
        "data-sets/<int:dataset>/expectations/suggestions/",
        views.SuggestionList.as_view(),
        name="suggestions",
    ),
    path(
        "data-sets/<int:dataset>/expectations/<int:expectation>/",
        views.ExpectationEdit.as_view(),
        name="expectation",
    ),
    path(
        "data-sets/<int:dataset>/expectations/<int:expectation>/delete/",
        views.ExpectationDelete.as_view(),
        name="delete-expectation",
    ),
    path(
        "data-sets/<int:dataset>/versions/<int:number>/checks/",
        views.VersionChecks.as_view(),
        name="version-checks",
    ),
    path(
        "data-sets/<int:dataset>/versions/<int:number>/accept/",
        views.VersionAccept.as_view(),
        name="accept-version",
    ),
    path("<uuid:file>/", views.FileDetail.as_view(), name="detail"),
    path("<uuid:file>/delete/", views.FileDelete.as_view(), name="delete"),
]
