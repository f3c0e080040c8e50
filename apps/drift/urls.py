"""Pages of this app, below ``projects/<slug>/drift/``."""

from django.urls import path

from apps.drift import views
from apps.drift.serving import EvidentlyHtml

app_name = "drift"
urlpatterns = [
    path("", views.ReportList.as_view(), name="list"),
    path("new/", views.ReportCreate.as_view(), name="new"),
    path("upload/", views.ReportUpload.as_view(), name="upload"),
    path("methods/", views.Methods.as_view(), name="methods"),
    path("<int:number>/", views.ReportDetail.as_view(), name="detail"),
    path("<int:number>/reference/", views.MakeReference.as_view(), name="make-reference"),
    path("<int:number>/evidently/", views.EvidentlyPage.as_view(), name="evidently"),
    path("<int:number>/evidently/page/", EvidentlyHtml.as_view(), name="evidently-html"),
    path("<int:number>/evidently/download/", EvidentlyHtml.as_view(attached=True), name="evidently-download"),
]
