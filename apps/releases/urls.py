"""Pages of this app."""

from typing import Any

app_name = "releases"
urlpatterns: list[Any] = []
