"""Monitors, the batches and labels that they get, what was measured, and alerts."""

from apps.monitoring.models.alerts import Alert, AlertEvent
from apps.monitoring.models.batches import Batch, LabelMatch, LabelUpload, LiveMetric
from apps.monitoring.models.monitors import Comparable, LightState, Monitor, Unit, WatchedModel

__all__ = [
    "Alert",
    "AlertEvent",
    "Batch",
    "Comparable",
    "LabelMatch",
    "LabelUpload",
    "LightState",
    "LiveMetric",
    "Monitor",
    "Unit",
    "WatchedModel",
]
