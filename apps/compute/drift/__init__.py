"""Drift: whether data are still as they were. `engine.compare` is the one call from two sides to a result."""

from apps.compute.drift import statistics  # noqa: F401  (fills `registry.TESTS`)
