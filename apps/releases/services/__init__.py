"""What people and trainers do with model versions."""

from apps.releases.services.rules import set_rule
from apps.releases.services.stages import set_stage
from apps.releases.services.training import answer_retraining, request_retraining

__all__ = ["answer_retraining", "request_retraining", "set_rule", "set_stage"]
