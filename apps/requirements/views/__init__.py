"""Pages of this app."""

from apps.requirements.views.calculator import Calculator
from apps.requirements.views.conflict import ConflictCard, ConflictPage
from apps.requirements.views.detail import RequirementDetail
from apps.requirements.views.edit import RequirementCreate, RequirementEdit, RequirementWithdraw
from apps.requirements.views.evidence import EvidenceCreate, WaiverCreate, WaiverRevoke
from apps.requirements.views.listing import RequirementList
from apps.requirements.views.stakeholders import (
    Matrix,
    StakeholderDelete,
    StakeholderEdit,
    StakeholderList,
    StanceChange,
)
from apps.requirements.views.value import ApproveValue, ValuePage

__all__ = [
    "ApproveValue",
    "Calculator",
    "ConflictCard",
    "ConflictPage",
    "EvidenceCreate",
    "Matrix",
    "RequirementCreate",
    "RequirementDetail",
    "RequirementEdit",
    "RequirementList",
    "RequirementWithdraw",
    "StakeholderDelete",
    "StakeholderEdit",
    "StakeholderList",
    "StanceChange",
    "ValuePage",
    "WaiverCreate",
    "WaiverRevoke",
]
