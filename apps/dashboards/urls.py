"""Pages over many projects, and the first page of each."""

from django.urls import URLPattern

app_name = "dashboards"
urlpatterns: list[URLPattern] = []
