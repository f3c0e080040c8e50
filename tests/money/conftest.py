"""Money is counted on runs that were really evaluated: the fixtures of analyses, and prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from apps.analysis.models import Analysis
from apps.projects.models import Project
from apps.requirements.models import ValueCase
from apps.requirements.services import ValueFields, set_value_case
from tests.analysis.conftest import adult, ask, evaluate, owner, project, signed_in, work_off

__all__ = ["adult", "ask", "evaluate", "owner", "project", "signed_in", "work_off"]


@pytest.fixture
def set_prices(project: Project) -> Callable[..., ValueCase]:
    """Write a version of the price list as the owner."""

    def write(**prices: Any) -> ValueCase:
        fields = ValueFields(**{"currency": "EUR", "volume_per_year": 24_421, **prices})
        return set_value_case(project=project, user=project.created_by, fields=fields, reason="Counted anew.")

    return write


def work_off_all(project: Project) -> Sequence[Analysis]:
    """Answer what the portal asked by itself."""
    waiting = Analysis.objects.filter(project=project, kind="money", result__isnull=True).order_by("pk")
    return [work_off(analysis) for analysis in waiting.select_related("job")]
