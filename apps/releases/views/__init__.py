"""Pages of this app."""

from apps.releases.views.models import ModelList, VersionPage
from apps.releases.views.retraining import AnswerRequest, AskRetraining, RequestPage, RetrainingList
from apps.releases.views.rule import RulePage

__all__ = [
    "AnswerRequest",
    "AskRetraining",
    "ModelList",
    "RequestPage",
    "RetrainingList",
    "RulePage",
    "VersionPage",
]
