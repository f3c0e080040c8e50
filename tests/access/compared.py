"""The data set, the comparison and the baseline of the world in which everybody asks."""

from __future__ import annotations

from typing import Any

from apps.datasets.models import Dataset
from apps.evaluations.models import Baseline, Comparison, Model, Run
from apps.projects.models import Project
from tests.factories import make_job, make_run


def make_compared(project: Project, run: Run) -> dict[str, Any]:
    """One row of each kind; the parts of their addresses."""
    dataset = Dataset.objects.create(project=project, name="Hold-out")
    other = make_run(project)
    comparison = Comparison.objects.create(
        project=project,
        run_ids=[run.pk, other.pk],
        job=make_job(project),
        created_by=project.created_by,
    )
    comparison.runs.set([run, other])
    model = Model.objects.create(project=project, name="Rule", kind=Model.Kind.BASELINE)
    baseline = Baseline.objects.create(project=project, model=model, kind=Baseline.Kind.RULE)
    return {
        "dataset": dataset.pk,
        "dataset_pk": dataset.pk,
        "comparison": comparison.pk,
        "comparison_pk": comparison.pk,
        "baseline_pk": baseline.pk,
    }
