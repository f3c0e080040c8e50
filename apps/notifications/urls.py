"""Pages of this app."""

from typing import Any

app_name = "notifications"
urlpatterns: list[Any] = []
