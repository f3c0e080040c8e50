"""Pages of this app: of one run, and of the project."""

from django.urls import path

from apps.analysis import views

app_name = "analysis"
RUN = "projects/<slug:project>/runs/<int:number>/deeper/"
PROJECT = "projects/<slug:project>/"
urlpatterns = [
    path(RUN, views.Overview.as_view(), name="overview"),
    path(f"{PROJECT}standing/<int:standing>/stop/", views.StopAsking.as_view(), name="stop-asking"),
]
