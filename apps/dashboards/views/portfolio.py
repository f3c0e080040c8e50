"""The first page: all projects that the reader may see."""

from __future__ import annotations

import csv
from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView, View

from apps.accounts.models import User
from apps.common.sheets import plain_cell
from apps.dashboards import filters
from apps.dashboards.figures import portfolio_figures
from apps.dashboards.filters import Filters, near_match, projects_of
from apps.dashboards.rows import rows_of, verdict_bar
from apps.dashboards.totals import Totals, totals
from apps.dashboards.visits import last_visit
from apps.lifecycle.waiting import waiting_for
from apps.projects.models import Project, UseCase

PAGE_SIZE = 50
CSV_COLUMNS = (
    "project", "slug", "domain", "use_case", "owner", "phases", "progress",
    "confirmed", "contradicting", "refuted", "unverified",
    "currency", "value_per_year", "value_low", "value_high", "hoped_per_year", "last_activity",
)  # fmt: skip


class FilteredProjects(LoginRequiredMixin):
    """The projects that the address chooses."""

    request: HttpRequest

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    @cached_property
    def filters(self) -> Filters:
        return Filters.of(self.request.GET)

    def get_queryset(self) -> QuerySet[Project]:
        return projects_of(self.person, self.filters, timezone.localdate())


class PortfolioPage(FilteredProjects, ListView[Project]):
    """What waits for the reader, totals, the table, charts: at most 15 queries, however many projects."""

    template_name = "dashboards/portfolio.html"
    paginate_by = PAGE_SIZE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        now = timezone.localtime()
        last_visit(self.person, now)
        found = totals(self.person, now.date())
        rows = rows_of(list(context["object_list"]), now.date())
        searched_in_vain = not rows and self.filters.q
        return {
            **context,
            "rows": rows,
            "totals": found,
            "bar": verdict_bar(found.states),
            "filters": self.filters,
            "sort": self.filters.sort,
            "phases": self._phases(found),
            "health": filters.HEALTH,
            "sorts": filters.SORTS,
            "use_cases": [(key, name) for key, name in UseCase.choices if key in found.use_cases],
            "near": near_match(self.person, self.filters.q) if searched_in_vain else None,
            "waiting": waiting_for(self.person, today=now.date(), with_gates=False),
            "figures": portfolio_figures(self.person, found, now) if found.projects else [],
            "query": self.request.GET.urlencode(),
        }

    def _phases(self, found: Totals) -> list[tuple[str, str, int]]:
        counts = {key: phase.n for key, phase in found.running.items()}
        counts |= {filters.NOT_STARTED: found.not_started, filters.STOPPED: found.stopped}
        return [(key, name, counts.get(key, 0)) for key, name in filters.PHASES.items()]


class PortfolioCsv(FilteredProjects, View):
    """The rows of the table, all pages, as a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="portfolio.csv"'},
        )
        writer = csv.writer(response)
        writer.writerow(CSV_COLUMNS)
        for row in rows_of(list(self.get_queryset()), timezone.localdate()):
            worth = row.worth
            cells = [
                row.project.name,
                row.project.slug,
                row.project.domain,
                row.project.use_case,
                row.project.owner,
                " ".join(chip["kind"] for chip in row.chips),
                row.progress.words if row.progress else "",
                *row.bar.counts.values(),
                worth.currency,
                worth.value,
                worth.low,
                worth.high,
                worth.hoped,
                row.activity.isoformat() if row.activity else "",
            ]
            writer.writerow([plain_cell(cell) for cell in cells])
        return response


class Decisions(LoginRequiredMixin, TemplateView):
    """What waits for a decision of the reader, over all projects, with the gates that are ready."""

    template_name = "dashboards/decisions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            waiting=waiting_for(cast(User, self.request.user)),
            is_complete=True,
            short="short" in self.request.GET,
            **kwargs,
        )
