"""Pages of this app."""

from apps.evaluations.views.baseline import BaselinePage
from apps.evaluations.views.choose import ChooseProject
from apps.evaluations.views.columns import Columns
from apps.evaluations.views.compare import Compare, ComparisonDetail
from apps.evaluations.views.flips import Flips, FlipsCsv
from apps.evaluations.views.metrics import MetricDetail, MetricList
from apps.evaluations.views.policy import PolicyPage
from apps.evaluations.views.report import MetricsCsv, ResultJson, RunDetail
from apps.evaluations.views.runs import RunEdit, RunList
from apps.evaluations.views.upload import Upload

__all__ = [
    "BaselinePage",
    "ChooseProject",
    "Columns",
    "Compare",
    "ComparisonDetail",
    "Flips",
    "FlipsCsv",
    "MetricDetail",
    "MetricList",
    "MetricsCsv",
    "PolicyPage",
    "ResultJson",
    "RunDetail",
    "RunEdit",
    "RunList",
    "Upload",
]
