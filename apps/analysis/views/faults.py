"""Faults of the data: asking for them, what was found, and the list that people take away."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.analysis.forms import FaultsForm, SuspectsFilterForm
from apps.analysis.kinds import faults as kind
from apps.analysis.models import Relabelling
from apps.analysis.suspects import PAGE, USUAL_LISTED, Suspects, list_response
from apps.analysis.views.base import AnswerPage, AskPage
from apps.common.formats import change, interval, quantity
from apps.compute.faults.result import Copies, FaultsResult
from apps.compute.figures.faults import figures
from apps.compute.metrics.registry import METRICS

#: Of the tables on the page; the API has all that was kept.
PAIRS_SHOWN, ROWS_SHOWN, GROUPS_SHOWN = 10, 10, 5


class AskFaults(AskPage):
    kind = kind.KEY
    form_class = FaultsForm


class FaultsMixin(AnswerPage):
    """What the page and the list have in common: which of the suspects are meant."""

    kind = kind.KEY

    @cached_property
    def filter_form(self) -> SuspectsFilterForm:
        return SuspectsFilterForm(self.request.GET)

    @property
    def suspects(self) -> Suspects:
        return Suspects.of(self.analysis, self.filter_form.chosen().get("kind", ""))


class FaultsAnswer(FaultsMixin):
    answer_template = "analysis/faults.html"

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        found = FaultsResult.from_json(result)
        metric = METRICS.get(found.metric)
        return {
            "result": found,
            "finding": heading(found),
            "lead": lead(found),
            "figures": figures(found),
            "pairs": _rows(found, "pairs", "given suggested expected n", PAIRS_SHOWN),
            "influences": [
                {**row, "said": change(row["change"], metric.unit if metric else "number")}
                for row in _rows(found, "influence", "row id given predicted change", ROWS_SHOWN)
            ],
            "metric_label": _(metric.label) if metric else found.metric,
            "copies": [
                copies
                for copies in (copies_in_words(found.copies), copies_in_words(found.near, near=True))
                if copies
            ],
            "relabellings": Relabelling.objects.filter(analysis=self.analysis).select_related(
                "job", "created_by", "list_file"
            ),
            "most_listed": USUAL_LISTED,
            **self._suspects(),
        }

    def _suspects(self) -> dict[str, Any]:
        """One page of them. The counts are those of all kinds, whatever is chosen."""
        suspects = self.suspects
        try:
            counts = suspects.counts()
            total = counts.get(suspects.kind, 0) if suspects.kind else sum(counts.values())
            page = Paginator(range(total), PAGE).get_page(self.request.GET.get("page"))
            rows = suspects.rows(max(page.start_index() - 1, 0), PAGE)
        except FileNotFoundError:
            return {"gone": True}
        chosen = [(key, _(label), counts[key]) for key, label in kind.SUSPECTS.items() if key in counts]
        return {
            "page_obj": page,
            "kinds_found": chosen,
            "kind_chosen": suspects.kind,
            "total": sum(counts.values()),
            "rows": [{**row, "label": _(kind.SUSPECTS[row["kind"]])} for row in rows],
        }


class SuspectsCsv(FaultsMixin):
    """The list that people fill in: the first rows of the chosen kind."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.analysis.result is None:
            raise Http404
        count = self.filter_form.chosen().get("count", USUAL_LISTED)
        return list_response(self.run.number, self.suspects, count)


def heading(found: FaultsResult) -> str:
    """The answer in one sentence."""
    n = quantity(found.n, "count")
    if found.errors is None or found.errors.value is None:
        return _("Rows that are worth a look among %(n)s") % {"n": n}
    errors = round(found.errors.value)
    if not errors:
        return _("No label of %(n)s is likely wrong") % {"n": n}
    words = ngettext(
        "About %(errors)s of %(n)s labels may be wrong",
        "About %(errors)s of %(n)s labels may be wrong",
        errors,
    )
    return words % {"errors": quantity(errors, "count"), "n": n}


def lead(found: FaultsResult) -> list[str]:
    """What stands beside the heading, sentence by sentence."""
    hint = _("All of this is a hint where to look, and no proof that a row is wrong.")
    if found.errors is None:
        return [hint]
    errors = found.errors
    bounds = interval(errors.low, errors.high, "count", errors.value)
    said = [_("95%% interval: %(interval)s.") % {"interval": bounds}] if bounds else []
    suspects = ngettext(
        "%(n)s row is called into question by this model's own probabilities.",
        "%(n)s rows are called into question by this model's own probabilities.",
        found.suspects,
    )
    return [*said, suspects % {"n": quantity(found.suspects, "count")}, hint]


def copies_in_words(copies: Copies | None, *, near: bool = False) -> dict[str, Any] | None:
    """Head and largest groups of a card about copies; None where they were not looked for."""
    if copies is None:
        return None
    said = {"n": quantity(copies.extra, "count"), "groups": quantity(copies.groups, "count")}
    if not copies.groups:
        title = _("No near copies of rows") if near else _("No copies of rows")
    elif near:
        title = _("%(n)s rows nearly repeat others, in %(groups)s groups") % said
    else:
        title = _("%(n)s rows repeat others, in %(groups)s groups") % said
    return {
        "key": "near" if near else "copies",
        "title": title,
        "copies": copies,
        "groups": copies.largest[:GROUPS_SHOWN],
    }


def _rows(found: FaultsResult, table: str, columns: str, most: int) -> list[dict[str, Any]]:
    if table not in found.tables:
        return []
    names = columns.split()
    return [dict(zip(names, row, strict=True)) for row in found.tables[table].rows(*names)[:most]]
