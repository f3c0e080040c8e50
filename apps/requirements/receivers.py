"""What happens below that verdicts depend on."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from apps.analysis.models import Analysis
from apps.analysis.signals import analysis_finished, saved_slices_changed
from apps.datasets.models import Dataset
from apps.datasets.signals import dataset_replaced
from apps.evaluations.models import Run
from apps.evaluations.signals import baseline_named, run_finished
from apps.projects.models import Project
from apps.requirements.judging import judge_project


@receiver(run_finished, dispatch_uid="requirements.judge_run")
def judge_run(run: Run, **kwargs: Any) -> None:
    judge_project(run.project_id)


@receiver(analysis_finished, dispatch_uid="requirements.judge_analysis")
def judge_analysis(analysis: Analysis, **kwargs: Any) -> None:
    judge_project(analysis.project_id)


@receiver(saved_slices_changed, dispatch_uid="requirements.judge_saved_slices")
def judge_saved_slices(project: Project, **kwargs: Any) -> None:
    judge_project(project.pk)


@receiver(dataset_replaced, dispatch_uid="requirements.judge_dataset")
def judge_dataset(dataset: Dataset, **kwargs: Any) -> None:
    judge_project(dataset.project_id)


@receiver(baseline_named, dispatch_uid="requirements.judge_baseline")
def judge_baseline(project: Project, **kwargs: Any) -> None:
    judge_project(project.pk)
