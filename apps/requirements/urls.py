"""Pages of requirements, below /projects/<project>/."""

from django.urls import URLPattern

app_name = "requirements"
urlpatterns: list[URLPattern] = []
