"""The first page: all projects that the reader may see."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from django.views.generic import ListView

from apps.accounts.models import User
from apps.projects.models import Membership, Project, Role

SORTS: dict[str, list[str | OrderBy]] = {
    "name": ["name", "pk"],
    "-name": ["-name", "-pk"],
    "runs": ["run_count", "pk"],
    "-runs": ["-run_count", "-pk"],
    "activity": ["last_activity", "pk"],
    "-activity": [F("last_activity").desc(nulls_last=True), "-pk"],
}
PAGE_SIZE = 50


class PortfolioPage(LoginRequiredMixin, ListView[Project]):
    template_name = "dashboards/portfolio.html"
    paginate_by = PAGE_SIZE

    def get_queryset(self) -> QuerySet[Project]:
        user = cast(User, self.request.user)
        own = Membership.objects.filter(project=OuterRef("pk"), user=user)
        projects = Project.objects.visible_to(user).annotate(
            own_role=Subquery(own.values("role")[:1]),
            run_count=F("last_run_number"),  # runs are never deleted
            last_activity=Max("jobs__created_at"),
        )
        if self.query:
            projects = projects.filter(Q(name__icontains=self.query) | Q(description__icontains=self.query))
        return projects.order_by(*SORTS[self.sort])

    @property
    def query(self) -> str:
        return self.request.GET.get("q", "").replace("\0", "").strip()[:200]  # PostgreSQL knows no NUL

    @property
    def sort(self) -> str:
        sort = self.request.GET.get("sort", "name")
        return sort if sort in SORTS else "name"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for project in context["object_list"]:
            project.role_label = Role(project.own_role).label if project.own_role else _("Site admin")
        return {**context, "query": self.query, "sort": self.sort}
