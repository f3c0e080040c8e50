"""The rows that flip between two runs of a comparison, on a page and as a file."""

from __future__ import annotations

import csv
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property

from apps.common.sheets import plain_cell
from apps.compute.comparison_result import ComparisonResult
from apps.evaluations import comparison_report as report
from apps.evaluations.comparison_flips import PAGE, csv_rows, flip_rows, of_classes, shown_rows
from apps.evaluations.comparisons import in_order
from apps.evaluations.views.compare import ComparisonDetail


class FlipsMixin(ComparisonDetail):
    """Two runs of a finished comparison, by their letters: ``?a=A&b=C``; the first two without."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.comparison.result is None:  # its own page says how far it is
            return redirect("evaluations:comparison", self.project.slug, self.comparison.pk)
        return self.show()

    def show(self) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**self.kwargs))

    @cached_property
    def result(self) -> ComparisonResult:
        return ComparisonResult.from_json(self.comparison.result or {})

    @cached_property
    def columns(self) -> list[report.Column]:
        return report.columns(in_order(self.comparison), self.result)

    @cached_property
    def places(self) -> tuple[int, int]:
        """The two runs, in the order of the comparison. Http404: no such letters, or one letter twice."""
        letters = report.LETTERS[: len(self.columns)]
        asked = [self.request.GET.get(name, usual) for name, usual in (("a", "A"), ("b", "B"))]
        found = sorted(letters.find(letter) if len(letter) == 1 else -1 for letter in asked)
        if found[0] < 0 or found[0] == found[1]:
            raise Http404
        return found[0], found[1]

    @property
    def better(self) -> int | None:
        """The run that must be right: ``?which=a`` or ``b``."""
        return dict(zip("ab", self.places, strict=True)).get(self.request.GET.get("which", ""))


class Flips(FlipsMixin):
    def get_template_names(self) -> list[str]:
        return ["evaluations/comparison_flips.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        result, (first, second) = self.result, self.places
        context = super(ComparisonDetail, self).get_context_data(**kwargs)
        context |= {
            "comparison": self.comparison,
            "columns": self.columns,
            "pair": (self.columns[first], self.columns[second]),
            "counts": result.flip(first, second),
            "of_classes": of_classes(result),
            "which": self.request.GET.get("which", ""),
            "result": result,
        }
        page = self._number()
        try:
            found = flip_rows(
                self.comparison, result, first, second, better=self.better, offset=(page - 1) * PAGE
            )
        except FileNotFoundError:
            return {**context, "gone": True}
        pages = Paginator(range(found.total), PAGE)
        return {
            **context,
            "rows": shown_rows(found, classes=of_classes(result)),
            "extra": found.extra,
            "total": found.total,
            "page_obj": pages.get_page(page),
        }

    def _number(self) -> int:
        text = self.request.GET.get("page", "1")
        return int(text) if text.isdecimal() and 0 < len(text) <= 4 and int(text) else 1


class FlipsCsv(FlipsMixin):
    """All rows that were kept of the two runs."""

    def show(self) -> HttpResponse:
        first, second = self.places
        try:
            found = flip_rows(
                self.comparison, self.result, first, second, better=self.better,
                limit=self.result.kept_flips or 0,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise Http404 from error
        names = "-".join(str(self.columns[place].run.number) for place in self.places)
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="flips-{names}.csv"'},
        )
        writer = csv.writer(response)
        for row in csv_rows(found, self.columns[first], self.columns[second]):
            writer.writerow([plain_cell(cell) for cell in row])
        return response
