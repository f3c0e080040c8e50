"""Pages of this app."""

from apps.analysis.views.base import Overview, StopAsking
from apps.analysis.views.errors import AskAgain, AskErrors, ErrorsAnswer, ErrorsCsv
from apps.analysis.views.fairness import AskFairness, FairnessAnswer
from apps.analysis.views.faults import AskFaults, FaultsAnswer, SuspectsCsv
from apps.analysis.views.protocol import AskProtocol, ProtocolAnswer
from apps.analysis.views.relabelling import RelabellingDetail, RelabelUpload
from apps.analysis.views.saved_slices import AskSavedSlices, DeleteSlice, MeasuredSlices, SavedSlices
from apps.analysis.views.slices import AskSlices, SaveFound, SlicesAnswer

__all__ = [
    "AskAgain",
    "AskErrors",
    "AskFairness",
    "AskFaults",
    "AskProtocol",
    "AskSavedSlices",
    "AskSlices",
    "DeleteSlice",
    "ErrorsAnswer",
    "ErrorsCsv",
    "FairnessAnswer",
    "FaultsAnswer",
    "MeasuredSlices",
    "Overview",
    "ProtocolAnswer",
    "RelabelUpload",
    "RelabellingDetail",
    "SaveFound",
    "SavedSlices",
    "SlicesAnswer",
    "StopAsking",
    "SuspectsCsv",
]
