"""Pages of documents, below /projects/<project>/."""

from django.urls import URLPattern

app_name = "documents"
urlpatterns: list[URLPattern] = []
