"""Automatic search for slices on which a model is worse than elsewhere."""

from apps.compute.weak_slices.search import SearchSpec, search

__all__ = ["SearchSpec", "search"]
