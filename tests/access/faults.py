"""A search for faults with its answer and a list that came back, and the rows of their routes."""

from __future__ import annotations

from typing import Any

import polars as pl

from apps.analysis.models import Analysis, Relabelling
from apps.compute.faults.find import SUSPECTS
from apps.compute.faults.result import FaultsResult
from apps.compute.results import Task
from apps.datasets import storage
from apps.evaluations.models import Run
from apps.projects.models import Project
from tests.access.rows import ENGINEER, SIGNED_IN, VIEWER, rows
from tests.factories import make_file, make_job

#: One suspect, whose texts would be markup.
SUSPECT = {
    "row": 1, "id": "<b>7</b>", "kind": "label", "given": "<i>cat</i>", "suggested": "dog",
    "suspicion": 0.9, "self_confidence": 0.1, "influence": None,
}  # fmt: skip


def make_faults(project: Project, run: Run, result: FaultsResult | None = None) -> dict[str, Any]:
    """Parts of the addresses of the search, whose suspects are stored, and of the list."""
    analysis = Analysis.objects.create(
        project=project,
        run=run,
        kind="faults",
        params={"metric": ""},
        params_key="1" * 64,
        job=make_job(project, state="succeeded"),
        result=(result or FaultsResult(Task.BINARY, 1, "accuracy", ("<i>cat</i>", "dog"))).to_json(),
        rows=1,
        created_by=project.created_by,
    )
    path = storage.found_rows_path(str(analysis.pk))
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame([SUSPECT], schema=SUSPECTS).write_parquet(path)
    relabelling = Relabelling.objects.create(
        project=project,
        analysis=analysis,
        run=run,
        list_file=make_file(project),
        job=make_job(project),
        created_by=project.created_by,
    )
    return {
        "found_faults": analysis.pk,
        "found_faults_pk": analysis.pk,
        "relabelling": relabelling.pk,
        "relabelling_pk": relabelling.pk,
    }


_ANSWER = ("project", "number", "analysis=found_faults")
ROWS = [
    *rows(VIEWER, "analysis:ask-faults", "get", "project", "number"),
    *rows(ENGINEER, "analysis:ask-faults", "post put", "project", "number"),
    *rows(VIEWER, "analysis:faults", "get", *_ANSWER),
    *rows(VIEWER, "analysis:suspects-csv", "get", *_ANSWER),
    *rows(ENGINEER, "analysis:relabel", "get post", *_ANSWER),
    *rows(VIEWER, "analysis:relabelling", "get", "project", "number", "relabelling"),
    *rows(VIEWER, "api:analysis-suspects", "get", "found_faults_pk"),
    *rows(SIGNED_IN, "api:relabelling-list", "get"),
    *rows(VIEWER, "api:relabelling-detail", "get", "relabelling_pk"),
]
