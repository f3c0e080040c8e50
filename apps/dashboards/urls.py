"""Pages over many projects, and the first page of each."""

from django.urls import path

from apps.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.PortfolioPage.as_view(), name="portfolio"),
    path("portfolio.csv", views.PortfolioCsv.as_view(), name="portfolio-csv"),
    path("decisions/", views.Decisions.as_view(), name="decisions"),
    path("changes/", views.Changes.as_view(), name="changes"),
    path("projects/<slug:project>/history/", views.ProjectChanges.as_view(), name="project-changes"),
    path("projects/<slug:project>/", views.ProjectPage.as_view(), name="project"),
]
