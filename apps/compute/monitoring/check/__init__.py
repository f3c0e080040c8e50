"""What one batch holds: columns, missing and new values, drift, latency. Labels are not needed.

The records are here; what makes them is in `engine`, which only workers import.
"""

from apps.compute.monitoring.check.records import BatchCheck, ColumnCheck, Compared, Finding

__all__ = ["BatchCheck", "ColumnCheck", "Compared", "Finding"]
