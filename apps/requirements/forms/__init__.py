"""What people write about requirements, and how they look for them."""

from apps.requirements.forms.conflict import DecisionForm
from apps.requirements.forms.evidence import EVIDENCE_FORMS, EvidenceForm, WaiverForm
from apps.requirements.forms.filters import RequirementFilterForm
from apps.requirements.forms.load import LoadForm
from apps.requirements.forms.money import ApprovalForm, ValueForm
from apps.requirements.forms.requirement import (
    ChangeRequirementForm,
    NewRequirementForm,
    RequirementForm,
    WithdrawForm,
)
from apps.requirements.forms.stakeholder import StakeholderForm, StancesForm

__all__ = [
    "EVIDENCE_FORMS",
    "ApprovalForm",
    "ChangeRequirementForm",
    "DecisionForm",
    "EvidenceForm",
    "LoadForm",
    "NewRequirementForm",
    "RequirementFilterForm",
    "RequirementForm",
    "StakeholderForm",
    "StancesForm",
    "ValueForm",
    "WaiverForm",
    "WithdrawForm",
]
