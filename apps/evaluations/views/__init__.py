"""Pages of this app."""

from apps.evaluations.views.choose import ChooseProject
from apps.evaluations.views.columns import Columns
from apps.evaluations.views.compare import BaselinePage, Compare, ComparisonDetail
from apps.evaluations.views.report import MetricsCsv, ResultJson, RunDetail
from apps.evaluations.views.runs import RunEdit, RunList
from apps.evaluations.views.upload import Upload

__all__ = [
    "BaselinePage",
    "ChooseProject",
    "Columns",
    "Compare",
    "ComparisonDetail",
    "MetricsCsv",
    "ResultJson",
    "RunDetail",
    "RunEdit",
    "RunList",
    "Upload",
]
