"""What is expected of a data set and what checks said to it, as pages show them: the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.formats import message, number
from apps.common.translate import translate
from apps.compute import expectations
from apps.datasets.checking import record
from apps.datasets.models import Check, CheckResult, Dataset, DatasetVersion, Expectation

Severity = Expectation.Severity
Said = CheckResult.State
#: State and severity -> colour; in the order in which a page shows them.
_LIGHTS = {
    (Said.VIOLATED, Severity.BLOCK): "bad",
    (Said.UNDECIDED, Severity.BLOCK): "bad",
    (Said.VIOLATED, Severity.WARN): "warn",
    (Said.UNDECIDED, Severity.WARN): "none",
    (None, Severity.BLOCK): "none",
    (None, Severity.WARN): "none",
    (Said.HOLDS, Severity.BLOCK): "ok",
    (Said.HOLDS, Severity.WARN): "ok",
}
_ORDER = list(_LIGHTS)


@dataclass(frozen=True, slots=True)
class Line:
    """One expectation beside what a check said to it; either may be absent."""

    row: Expectation | CheckResult
    result: CheckResult | None
    names: Mapping[int, str]

    @property
    def sentence(self) -> str:
        return message(expectations.describe(record(self.row), self.names))

    @property
    def found(self) -> str:
        return translate(self.result.message) if self.result else ""

    @property
    def rank(self) -> int:
        return _ORDER.index((Said(self.result.state) if self.result else None, Severity(self.row.severity)))

    @property
    def light(self) -> str:
        return _LIGHTS[_ORDER[self.rank]]

    @property
    def word(self) -> str:
        return str(self.result.get_state_display()) if self.result else _("not checked yet")

    @property
    def blocks(self) -> bool:
        return self.row.severity == Severity.BLOCK

    @property
    def shown(self) -> list[str]:
        """The columns of the examples."""
        return list(self.result.examples[0]["values"]) if self.result and self.result.examples else []

    @property
    def examples(self) -> list[tuple[int, list[Any]]]:
        """Row number and values of each example."""
        given = self.result.examples if self.result else []
        return [(each["row"], [each["values"].get(name) for name in self.shown]) for each in given]


def names_of(dataset: Dataset) -> dict[int, str]:
    """Names of the project's data sets, which expectations may speak of."""
    return dict(Dataset.objects.filter(project=dataset.project_id).values_list("pk", "name"))


def newest_check(version: DatasetVersion) -> Check | None:
    return version.checks.select_related("job").first()


def finished_check(dataset: Dataset) -> Check | None:
    """What the newest version that was checked got to hear last."""
    done = Check.objects.filter(version__dataset=dataset, finished_at__isnull=False)
    return done.select_related("version").order_by("-version__number", "-pk").first()


def expected_lines(rows: Sequence[Expectation], check: Check | None, names: Mapping[int, str]) -> list[Line]:
    """Every expectation with its result in ``check``. One that was changed since then has none."""
    results = check.results.defer("examples") if check else CheckResult.objects.none()
    found = {result.expectation_id: result for result in results}
    lines = []
    for row in rows:
        result = found.get(row.pk)
        same = result is not None and (result.columns, result.params) == (row.columns, row.params)
        lines.append(Line(row, result if same else None, names))
    return sorted(lines, key=lambda line: line.rank)


def result_lines(check: Check, names: Mapping[int, str]) -> list[Line]:
    return sorted((Line(result, result, names) for result in check.results.all()), key=lambda line: line.rank)


def check_sentence(check: Check) -> str:
    """ "Version 3 does not meet 2 of them, 1 of them blocks." """
    asked = (check.passed or 0) + (check.warned or 0) + (check.blocked or 0)
    broken = (check.warned or 0) + (check.blocked or 0)
    version = {"number": check.version.number}
    if not asked:
        return _("Nothing was expected of version %(number)d when it was checked.") % version
    if not broken:
        return _("Version %(number)d meets all that was expected.") % version
    said = ngettext(
        "Version %(number)d does not meet %(broken)s expectation",
        "Version %(number)d does not meet %(broken)s expectations",
        broken,
    ) % {**version, "broken": number(broken, 0)}
    if not check.blocked:
        return _("%(said)s; none blocks.") % {"said": said}
    blocks = ngettext("%(said)s; %(n)s blocks.", "%(said)s; %(n)s block.", check.blocked)
    return blocks % {"said": said, "n": number(check.blocked, 0)}
