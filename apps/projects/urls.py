"""Pages of projects."""

from django.urls import path

from apps.projects import views

app_name = "projects"
urlpatterns = [
    path("new/", views.ProjectCreate.as_view(), name="create"),
    path("<slug:project>/settings/", views.ProjectSettings.as_view(), name="settings"),
    path("<slug:project>/members/", views.MemberList.as_view(), name="members"),
    path("<slug:project>/members/<int:member>/", views.MemberChange.as_view(), name="member"),
]
