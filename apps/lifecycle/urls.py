"""Pages of lifecycle, below /projects/<project>/."""

from django.urls import URLPattern

app_name = "lifecycle"
urlpatterns: list[URLPattern] = []
