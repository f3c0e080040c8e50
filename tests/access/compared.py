"""The data set with its versions, the comparison, the baseline and the policy of the world of the tests."""

from __future__ import annotations

from typing import Any

from apps.datasets.models import Check, Dataset, DatasetVersion, Expectation, VersionDifference
from apps.evaluations.models import Baseline, Comparison, EvaluationPolicy, Model, Run
from apps.projects.models import Project
from tests.factories import make_file, make_job, make_run


def make_compared(project: Project, run: Run) -> dict[str, Any]:
    """One row of each kind; the parts of their addresses."""
    dataset = Dataset.objects.create(project=project, name="Hold-out")
    older, newer = (
        DatasetVersion.objects.create(
            project=project,
            dataset=dataset,
            number=number,
            file=make_file(project, purpose="truth", rows=0, column_count=0, profile=[]),
            created_by=project.created_by,
        )
        for number in (1, 2)
    )
    difference = VersionDifference.objects.create(
        project=project, older=older, newer=newer, job=make_job(project)
    )
    expectation = Expectation.objects.create(
        project=project, dataset=dataset, kind="unique", columns=["id"], created_by=project.created_by
    )
    check = Check.objects.create(project=project, version=older, job=make_job(project))
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
        "version_difference_pk": difference.pk,
        "version": older.pk,
        "kind": "range",
        "expectation": expectation.pk,
        "expectation_pk": expectation.pk,
        "check_pk": check.pk,
        "comparison": comparison.pk,
        "comparison_pk": comparison.pk,
        "baseline_pk": baseline.pk,
        "evaluation_policy_pk": EvaluationPolicy.objects.create(project=project).pk,
        "metric": "accuracy",
    }
