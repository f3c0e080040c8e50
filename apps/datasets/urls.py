"""Pages of this app."""

from django.urls import path

from apps.datasets import views

app_name = "datasets"
urlpatterns = [
    path("", views.FileList.as_view(), name="list"),
    path("truth/", views.TruthUpload.as_view(), name="upload-truth"),
    path("data-sets/", views.DatasetList.as_view(), name="datasets"),
    path("data-sets/<int:dataset>/", views.DatasetDetail.as_view(), name="dataset"),
    path("<uuid:file>/", views.FileDetail.as_view(), name="detail"),
    path("<uuid:file>/delete/", views.FileDelete.as_view(), name="delete"),
]
