"""The calculator by Little's law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apps.common.formats import duration, number
from apps.compute.queueing import Load, concurrency_needed
from apps.projects.views import ProjectMixin
from apps.requirements.forms import LoadForm


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a way of calling gives. ``needed`` calls at a time reach the wanted rows per second."""

    load: Load
    duration: str
    needed: int | None


def outcome(load: Load, rows: int, per_second: float | None) -> Outcome:
    needed = None
    if per_second and load.call_ms and load.batch_size:
        needed = concurrency_needed(per_second, load.call_ms, load.batch_size)
    return Outcome(load, in_words(load.seconds_for(rows)), needed)


def in_words(seconds: float | None) -> str:
    """Seconds up to ten minutes, so that both ways can be compared; longer times in larger units."""
    if seconds is None or not 0.1 <= seconds < 600:
        return duration(seconds)
    decimals = 0 if float(seconds).is_integer() else 1
    return _("%(number)s s") % {"number": number(seconds, decimals)}


class Calculator(ProjectMixin, TemplateView):
    """Without a query: the classic example, batches of 100 in 0.3 seconds."""

    template_name = "requirements/calculator.html"

    @cached_property
    def form(self) -> LoadForm:
        if self.request.GET:
            return LoadForm(self.request.GET)
        form = LoadForm()
        return LoadForm({name: field.initial for name, field in form.fields.items()})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outcomes = {}
        if self.form.is_valid():
            said = self.form.cleaned_data
            batch = Load(said["batch_size"], said["concurrency"], said["call_ms"])
            single = Load(1, said["concurrency"], said["call_ms"])
            wanted = said["per_second"] or batch.throughput
            outcomes = {
                "batched": outcome(batch, said["rows"], wanted),
                "single": outcome(single, said["rows"], wanted),
                "wanted": wanted,
                "rows": said["rows"],
            }
        return super().get_context_data(form=self.form, **outcomes, **kwargs)
