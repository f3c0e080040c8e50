"""Pages of this app."""

from apps.lifecycle.views.decisions import DecisionList, DecisionPage, Retire
from apps.lifecycle.views.delivery import (
    AgreeScope,
    Delivery,
    Finish,
    ReopenDeliverable,
    Resize,
    TakeOut,
)
from apps.lifecycle.views.discovery import (
    ChangeTimebox,
    Discovery,
    ReopenHypothesis,
    Settle,
    StartDiscovery,
)
from apps.lifecycle.views.fit import AnswerFit, FitSheet
from apps.lifecycle.views.gates import AddCriterion, GatePage, JudgeCriterion, RemoveCriterion

__all__ = [
    "AddCriterion",
    "AgreeScope",
    "AnswerFit",
    "ChangeTimebox",
    "DecisionList",
    "DecisionPage",
    "Delivery",
    "Discovery",
    "Finish",
    "FitSheet",
    "GatePage",
    "JudgeCriterion",
    "RemoveCriterion",
    "ReopenDeliverable",
    "ReopenHypothesis",
    "Resize",
    "Retire",
    "Settle",
    "StartDiscovery",
    "TakeOut",
]
