"""Pages of this app."""

from django.urls import path

from apps.evaluations import views

app_name = "evaluations"
urlpatterns = [
    path("", views.RunList.as_view(), name="list"),
    path("upload/", views.Upload.as_view(), name="upload"),
    path("upload/<uuid:file>/", views.Columns.as_view(), name="columns"),
    path("compare/", views.Compare.as_view(), name="compare"),
    path("compare/<int:comparison>/", views.ComparisonDetail.as_view(), name="comparison"),
    path("compare/<int:comparison>/flips/", views.Flips.as_view(), name="flips"),
    path("compare/<int:comparison>/flips.csv", views.FlipsCsv.as_view(), name="flips-csv"),
    path("baseline/", views.BaselinePage.as_view(), name="baseline"),
    path("policy/", views.PolicyPage.as_view(), name="policy"),
    path("<int:number>/", views.RunDetail.as_view(), name="detail"),
    path("<int:number>/edit/", views.RunEdit.as_view(), name="edit"),
    path("<int:number>/result.json", views.ResultJson.as_view(), name="result-json"),
    path("<int:number>/metrics.csv", views.MetricsCsv.as_view(), name="metrics-csv"),
]
