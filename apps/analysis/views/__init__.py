"""Pages of this app."""

from apps.analysis.views.base import Overview, StopAsking

__all__ = ["Overview", "StopAsking"]
