"""Pages of this app."""

from typing import Any

app_name = "monitoring"
urlpatterns: list[Any] = []
