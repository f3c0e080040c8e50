"""Pages over many projects, and the first page of each."""

from django.urls import path

from apps.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.PortfolioPage.as_view(), name="portfolio"),
    path("projects/<slug:project>/", views.ProjectPage.as_view(), name="project"),
]
