"""Metrics, intervals and curves of a two-class model.

``evaluate_binary`` judges a whole file from one sort of its scores; ``BinaryGroups`` gives the
headline metrics of many groups of rows at once.
"""

from apps.compute.metrics.binary.evaluate import evaluate_binary
from apps.compute.metrics.binary.groups import BinaryGroups

__all__ = ["BinaryGroups", "evaluate_binary"]
