"""Finds the phase that a page is about."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.lifecycle.models import Phase
from apps.projects.views import ProjectMixin


class PhaseMixin(ProjectMixin):
    """``phase`` is the newest one of ``kind``, or that of the cycle which the address names."""

    kind: Phase.Kind

    @cached_property
    def phases(self) -> list[Phase]:
        """All of this kind, the newest first."""
        phases = Phase.objects.filter(project=self.project, kind=self.kind).order_by("-cycle", "-pk")
        return list(phases.select_related("created_by"))

    @cached_property
    def phase(self) -> Phase | None:
        cycle = self.request.GET.get("cycle", "")
        if not cycle.isdecimal():
            return self.phases[0] if self.phases else None
        named = (phase for phase in self.phases if str(phase.cycle) == cycle)
        return next(named, self.phases[0] if self.phases else None)

    def there(self) -> Phase:
        """The phase, for what needs one."""
        if self.phase is None:
            raise Http404
        return self.phase

    @property
    def open_phase(self) -> Phase | None:
        """The one in which people work now."""
        return next((phase for phase in self.phases if phase.closed_at is None), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = [phase for phase in self.phases if phase != self.phase]
        shown: dict[str, Any] = {"phase": self.phase, "others": others, "open_phase": self.open_phase}
        return super().get_context_data(**shown, **kwargs)
