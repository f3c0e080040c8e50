"""Pages of the design document and its architecture decisions."""

from apps.documents.views.decisions import (
    DecisionCreate,
    DecisionDetail,
    DecisionList,
    DecisionSettle,
    DecisionSupersede,
)
from apps.documents.views.document import DocumentDetail, ExportHtml, ExportMarkdown
from apps.documents.views.sections import SectionEdit, SectionNotNeeded
from apps.documents.views.versions import Difference, VersionList

__all__ = [
    "DecisionCreate",
    "DecisionDetail",
    "DecisionList",
    "DecisionSettle",
    "DecisionSupersede",
    "Difference",
    "DocumentDetail",
    "ExportHtml",
    "ExportMarkdown",
    "SectionEdit",
    "SectionNotNeeded",
    "VersionList",
]
