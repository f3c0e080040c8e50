"""Rows of this app: uploaded files, data sets with their versions, and what is expected of them."""

from apps.datasets.models.datasets import Dataset, DatasetVersion, VersionDifference
from apps.datasets.models.expectations import Check, CheckResult, Expectation
from apps.datasets.models.files import MONITORED, UPLOADED, DataFile

__all__ = [
    "MONITORED",
    "UPLOADED",
    "Check",
    "CheckResult",
    "DataFile",
    "Dataset",
    "DatasetVersion",
    "Expectation",
    "VersionDifference",
]
