"""The page of one requirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.forms import BoundField
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from apps.common.translate import translate
from apps.requirements import services
from apps.requirements.forms import StancesForm
from apps.requirements.models import Conflict, RequirementVersion, Stakeholder, Stance, ValueCase, Verdict
from apps.requirements.reading import RequirementRow
from apps.requirements.services.wishes import current_version
from apps.requirements.shown import Shown
from apps.requirements.views.base import RequirementMixin
from apps.requirements.wording import Difference, differences, said

SHOWN = 50  # verdicts, versions and pieces of evidence; the newest


@dataclass(frozen=True, slots=True)
class Told:
    """A version, and how it differs from the one before it."""

    version: RequirementVersion
    differences: Sequence[Difference]


class RequirementDetail(RequirementMixin, TemplateView):
    template_name = "requirements/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        requirement, history = self.requirement, self.history()
        newest = next((verdict for verdict in history if verdict.until is None), None)
        conflicts = Conflict.objects.filter(Q(first=requirement) | Q(second=requirement), gone_at=None)
        return {
            **context,
            "version": self.version,
            "verdict": newest,
            "shown": self.shown(newest),
            "said": said(self.version, self.currency).items(),
            "history": [(verdict, self.shown(verdict)) for verdict in history],
            "versions": self.versions(),
            "evidence": requirement.evidence.select_related("recorded_by", "version")[:SHOWN],
            "waivers": requirement.waivers.select_related("owner", "granted_by")[:SHOWN],
            "waiver": services.active_waivers(requirement).select_related("owner").first(),
            "conflicts": [(c, translate(c.reason)) for c in conflicts.select_related("first", "second")],
            "stance_rows": self.stances(),
        }

    @property
    def version(self) -> RequirementVersion:
        return current_version(self.requirement)

    @cached_property
    def currency(self) -> str:
        cases = ValueCase.objects.in_force(self.project)
        return cases.values_list("currency", flat=True).first() or ""

    def history(self) -> list[Verdict]:
        """The verdicts, the newest first."""
        verdicts = Verdict.objects.filter(requirement=self.requirement).select_related(
            "run", "evidence", "file", "version"
        )
        return list(verdicts.defer("run__result", "run__join_report", "run__roles", "file__profile")[:SHOWN])

    def shown(self, verdict: Verdict | None) -> Shown:
        row = RequirementRow(
            requirement=self.requirement,
            version=verdict.version if verdict else self.version,
            verdict=verdict,
            currency=self.currency,
        )
        return Shown(row)

    def versions(self) -> list[Told]:
        versions = list(self.requirement.versions.select_related("author", "dataset", "file")[: SHOWN + 1])
        told = [
            Told(after, differences(before, after, self.currency)) for after, before in pairwise(versions)
        ]
        return told if len(versions) > SHOWN else [*told, *(Told(first, ()) for first in versions[-1:])]

    def stances(self) -> list[tuple[Stakeholder, str, BoundField]]:
        stakeholders = list(Stakeholder.objects.filter(project=self.project))
        kinds = dict(
            Stance.objects.filter(requirement=self.requirement).values_list("stakeholder_id", "kind")
        )
        form = StancesForm(
            stakeholders=stakeholders,
            requirements=[self.requirement],
            stances={(pk, self.requirement.pk): kind for pk, kind in kinds.items()},
        )
        return [
            (stakeholder, kinds.get(stakeholder.pk, ""), form[name])
            for name, (stakeholder, _requirement) in form.cells.items()
        ]
