"""Pages of this app."""

from apps.drift.views.actions import EvidentlyPage, MakeReference
from apps.drift.views.asking import ReportCreate, ReportUpload
from apps.drift.views.report import ReportDetail
from apps.drift.views.reports import Methods, ReportList

__all__ = [
    "EvidentlyPage",
    "MakeReference",
    "Methods",
    "ReportCreate",
    "ReportDetail",
    "ReportList",
    "ReportUpload",
]
