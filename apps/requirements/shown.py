"""A row of requirements as pages show it: estimate, interval, target and plot in words and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.common import formats
from apps.common.ranges import Range, range_plot
from apps.common.translate import translate
from apps.requirements.models import Evidence, VerdictState
from apps.requirements.reading import RequirementRow
from apps.requirements.wording import metric_label, slice_text

COLOURS: Mapping[str, str] = {
    VerdictState.CONFIRMED: "ok",
    VerdictState.CONTRADICTING: "mix",
    VerdictState.REFUTED: "bad",
    VerdictState.UNVERIFIED: "none",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Texts of a row, "" where there is nothing to say; ``plot`` is None where there is nothing to draw."""

    row: RequirementRow

    @property
    def target(self) -> str:
        """ "at least 85%"."""
        limit, evidence = self.row.limit, self._evidence
        if limit is None:
            return ""
        said = self.row.version if evidence is None else evidence
        words = {
            "comparison": said.get_comparison_display(),
            "limit": self._signed(formats.exact(limit, self.row.unit, self.row.currency)),
        }
        return _("%(comparison)s %(limit)s") % words

    @property
    def measure(self) -> str:
        """What is held against the target."""
        version, evidence = self.row.version, self._evidence
        if version.metric:
            parts = [metric_label(version.metric), slice_text(version)]
            return ", ".join(part for part in parts if part)
        if evidence is None or evidence.limit is None:
            return _("recorded by people")
        if evidence.kind == Evidence.Kind.JUDGEMENT:
            return _("share judged good")
        return _("mean of the repeats")

    @property
    def value(self) -> str:
        verdict, row = self.row.verdict, self.row
        if verdict is None or verdict.value is None:
            return ""
        return self._signed(
            formats.quantity(verdict.value, row.unit, verdict.low, verdict.high, row.currency)
        )

    @property
    def interval(self) -> str:
        verdict = self.row.verdict
        if verdict is None or verdict.value is None:
            return ""
        return formats.interval(verdict.low, verdict.high, self.row.unit, verdict.value)

    @property
    def reasons(self) -> list[str]:
        return [translate(reason) for reason in self.row.reasons]

    @property
    def plot(self) -> Range | None:
        verdict, row = self.row.verdict, self.row
        scale = row.scale
        if verdict is None or verdict.value is None or scale is None:
            return None
        return range_plot(
            verdict.value,
            verdict.low,
            verdict.high,
            unit=row.unit,
            scale=scale,
            target=row.limit,
            at_least=row.at_least,
            colour=COLOURS[verdict.state],
            words=f"{self.measure}, {self.target}",
            currency=row.currency,
        )

    @property
    def _evidence(self) -> Evidence | None:
        """What people recorded; for a version that runs measure it does not count."""
        return self.row.verdict.evidence if self.row.verdict else None

    def _signed(self, number: str) -> str:
        """With the unit that a person wrote for a drill."""
        evidence = self._evidence
        sign = evidence.unit if evidence is not None and evidence.kind == Evidence.Kind.DRILL else ""
        return f"{number}{formats.NBSP}{sign}" if sign else number
