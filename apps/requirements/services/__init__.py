"""What people do with stakeholders, requirements, evidence, prices and conflicts."""

from apps.requirements.services.conflicts import decide_conflict
from apps.requirements.services.evidence import active_waivers, grant_waiver, record_evidence, revoke_waiver
from apps.requirements.services.fields import (
    EvidenceFields,
    RequirementFields,
    StakeholderFields,
    ValueFields,
)
from apps.requirements.services.money import approve_value_case, may_approve, set_value_case
from apps.requirements.services.stakeholders import (
    add_stakeholder,
    delete_stakeholder,
    edit_stakeholder,
    set_stance,
)
from apps.requirements.services.targets import SCENARIO_PARTS, scenario_sentence
from apps.requirements.services.wishes import add_requirement, change_requirement, withdraw_requirement

__all__ = [
    "SCENARIO_PARTS",
    "EvidenceFields",
    "RequirementFields",
    "StakeholderFields",
    "ValueFields",
    "active_waivers",
    "add_requirement",
    "add_stakeholder",
    "approve_value_case",
    "change_requirement",
    "decide_conflict",
    "delete_stakeholder",
    "edit_stakeholder",
    "grant_waiver",
    "may_approve",
    "record_evidence",
    "revoke_waiver",
    "scenario_sentence",
    "set_stance",
    "set_value_case",
    "withdraw_requirement",
]
