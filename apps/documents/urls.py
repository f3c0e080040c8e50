"""Pages of documents, below /projects/<project>/design/."""

from django.urls import path

from apps.documents import views

app_name = "documents"
urlpatterns = [
    path("", views.DocumentDetail.as_view(), name="detail"),
    path("sections/<slug:section>/", views.SectionEdit.as_view(), name="section"),
    path("sections/<slug:section>/not-needed/", views.SectionNotNeeded.as_view(), name="not-needed"),
    path("versions/", views.VersionList.as_view(), name="versions"),
    path("difference/", views.Difference.as_view(), name="difference"),
    path("export.md", views.ExportMarkdown.as_view(), name="export-md"),
    path("export.html", views.ExportHtml.as_view(), name="export-html"),
    path("architecture/", views.DecisionList.as_view(), name="decisions"),
    path("architecture/new/", views.DecisionCreate.as_view(), name="decision-create"),
    path("architecture/<int:adr>/", views.DecisionDetail.as_view(), name="decision"),
    path("architecture/<int:adr>/settle/", views.DecisionSettle.as_view(), name="settle"),
    path("architecture/<int:adr>/supersede/", views.DecisionSupersede.as_view(), name="supersede"),
]
