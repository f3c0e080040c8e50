"""Routes of this app, below ``projects/<slug>/drift/``."""

from django.urls import URLPattern

app_name = "drift"

urlpatterns: list[URLPattern] = []
