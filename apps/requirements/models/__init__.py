"""Stakeholders, what they want, and what the evidence says of it."""

from apps.requirements.models.evidence import Conflict, Evidence, Verdict, Waiver
from apps.requirements.models.value import ProjectJudgement, ValueApproval, ValueCase
from apps.requirements.models.wish import (
    Requirement,
    RequirementVersion,
    Stakeholder,
    Stance,
    VerdictState,
)

__all__ = [
    "Conflict",
    "Evidence",
    "ProjectJudgement",
    "Requirement",
    "RequirementVersion",
    "Stakeholder",
    "Stance",
    "ValueApproval",
    "ValueCase",
    "Verdict",
    "VerdictState",
    "Waiver",
]
