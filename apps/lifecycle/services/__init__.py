"""What people do with the life of a project: one module for each thing that is changed."""

from apps.lifecycle.services.criteria import add_criterion, judge_criterion, remove_criterion
from apps.lifecycle.services.decisions import confirm_decision, decide, decline_decision, retire
from apps.lifecycle.services.fit import answer_fit
from apps.lifecycle.services.phases import (
    add_hypothesis,
    change_timebox,
    reopen_hypothesis,
    settle_hypothesis,
    start_discovery,
)
from apps.lifecycle.services.scope import (
    add_deliverable,
    agree_scope,
    finish_deliverable,
    remove_deliverable,
    reopen_deliverable,
    resize_deliverable,
)

__all__ = [
    "add_criterion",
    "add_deliverable",
    "add_hypothesis",
    "agree_scope",
    "answer_fit",
    "change_timebox",
    "confirm_decision",
    "decide",
    "decline_decision",
    "finish_deliverable",
    "judge_criterion",
    "remove_criterion",
    "remove_deliverable",
    "reopen_deliverable",
    "reopen_hypothesis",
    "resize_deliverable",
    "retire",
    "settle_hypothesis",
    "start_discovery",
]
