"""The saved slices of the project: the headline metrics of a run on each of them."""

from __future__ import annotations

from apps.analysis.models import SavedSlice
from apps.analysis.registry import Kind, Params, register
from apps.compute.messages import InputRejected, gettext_noop
from apps.evaluations.models import Run

KEY = "saved_slices"


def check(run: Run, params: Params) -> Params:
    """The slices of the project as they are now, so that another slice makes another question. Whatever is
    given is left aside.
    """
    saved = SavedSlice.objects.filter(project=run.project_id).order_by("pk")
    slices = list(saved.values("id", "name", "conditions"))
    if not slices:
        raise InputRejected(
            "no_saved_slices", gettext_noop("The project has no saved slice yet. Save a slice first.")
        )
    return {"slices": slices}


def measures(metric: str, column: str, value: str) -> Params | None:
    return {} if column == SavedSlice.COLUMN else None


register(
    Kind(
        key=KEY,
        label=gettext_noop("Saved slices"),
        description=gettext_noop(
            "Measures the run on each slice that the project has saved, so that requirements can name it."
        ),
        check=check,
        worker="apps.analysis.working.saved_slices:measure_slices",
        ask="analysis:ask-saved-slices",
        url="analysis:measured-slices",
        measures=measures,
    )
)
