"""What people do with runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role, roles_to_json
from apps.compute.tasks import TASK_KINDS
from apps.datasets import services as datasets
from apps.datasets.models import DataFile
from apps.datasets.uploads import IncomingFile
from apps.evaluations.comparisons import compare_again, compare_all_with_baseline, start_comparison
from apps.evaluations.models import (
    MOST_LOOKS,
    Baseline,
    Comparison,
    EvaluationPolicy,
    Model,
    ModelVersion,
    Run,
)
from apps.evaluations.provenance import check_parent, checked_parameters, checked_training
from apps.evaluations.signals import baseline_named
from apps.jobs import idempotency
from apps.jobs import services as jobs
from apps.projects.access import Action, require
from apps.projects.models import Project

EVALUATE_TASK = "apps.evaluations.tasks.evaluate"
FEWEST_COMPARED, MOST_COMPARED = 2, 20
DESCRIPTION_CHARACTERS = 1_000  # of a baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFields:
    """What a person says about a run; everything may be left out."""

    name: str = ""
    notes: str = ""
    model: str = ""
    model_version: str = ""
    baseline: bool = False
    code_revision: str = ""
    task: str = ""
    roles: Mapping[str, ColumnRole] = field(default_factory=dict)
    positive: str = ""
    threshold: float | None = None
    cross_slices: Sequence[Sequence[str]] = ()
    seed: int = 0
    evaluated_at: datetime | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)  # name -> text, number or yes/no
    training_hash: str = ""  # SHA-256 of training data kept elsewhere

    def fingerprint(self, *parts: str) -> str:
        """SHA-256 of these fields and of ``parts``; equal requests have equal fingerprints."""
        said = {**asdict(self), "roles": roles_to_json(self.roles)}
        return hashlib.sha256(json.dumps([said, *parts], default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Submitted:
    """``created`` is False when the idempotency key was used before and ``run`` is the first one."""

    run: Run
    created: bool


def submit_run(
    *,
    project: Project,
    user: User,
    upload: IncomingFile | None = None,
    file: DataFile | None = None,
    truth: DataFile | None = None,
    training: DataFile | None = None,
    parent: Run | None = None,
    fields: RunFields = RunFields(),
    sha256: str = "",
    idempotency_key: str = "",
) -> Submitted:
    """Store a run and start its evaluation. When this returns, nothing can lose it.

    Give either an ``upload`` or a ``file`` that the portal has. ``training`` is what the model was trained
    on, ``parent`` the run that this one was made from by changing something. Two requests with one
    ``idempotency_key``, even at the same time, make one run; with different content the second is
    refused.

    Raises InputRejected (what is wrong with the upload) and PermissionDenied.
    """
    require(user, Action.UPLOAD, project)
    if upload is not None:
        datasets.check_upload(upload, sha256=sha256)
    content = upload.sha256 if upload else str(file.pk if file else "")
    others = [str(row.pk) if row else "" for row in (truth, training, parent)]
    fingerprint = fields.fingerprint(project.slug, content, *others)
    with transaction.atomic():
        if idempotency_key:
            job = idempotency.first_job(user=user, key=idempotency_key, fingerprint=fingerprint)
            if job is not None:
                first = Run.objects.select_related("job", "project").get(job=job)
                return Submitted(first, created=False)
        run = _create(project, user, upload, file, truth, training, parent, fields)
        if idempotency_key:
            idempotency.remember(user=user, key=idempotency_key, fingerprint=fingerprint, job=run.job)
    return Submitted(run, created=True)


def _create(
    project: Project,
    user: User,
    upload: IncomingFile | None,
    file: DataFile | None,
    truth: DataFile | None,
    training: DataFile | None,
    parent: Run | None,
    fields: RunFields,
) -> Run:
    _check_files(project, file, truth, training)
    check_parent(project, parent)
    parameters = checked_parameters(fields.parameters)
    training, training_hash = checked_training(project, training, fields.training_hash)
    if upload is not None:
        file = datasets.store_file(project=project, user=user, upload=upload)
    if file is None:
        raise InputRejected("no_file", gettext_noop("No file was sent. Send the predictions as “file”."))
    number = _next_number(project)
    name = fields.name or file.name
    job = jobs.submit_job(
        project=project,
        user=user,
        task=EVALUATE_TASK,
        title=name[:200],
        queue=datasets.queue_for(file, truth, training),
    )
    return Run.objects.create(
        project=project,
        number=number,
        name=name[:200],
        notes=fields.notes,
        model_version=_model_version(project, fields),
        code_revision=fields.code_revision,
        parent=parent,
        parameters=parameters,
        training=training,
        training_hash=training_hash,
        file=file,
        truth=truth,
        task=fields.task,
        roles=roles_to_json(fields.roles),
        positive=fields.positive,
        threshold=fields.threshold,
        cross_slices=[list(group) for group in fields.cross_slices],
        seed=fields.seed,
        evaluated_at=fields.evaluated_at or timezone.now(),
        created_by=user,
        job=job,
    )


def _check_files(project: Project, *files: DataFile | None) -> None:
    for file in files:
        if file is not None and file.project_id != project.pk:
            raise InputRejected(
                "file_of_other_project",
                gettext_noop("The file “%(file)s” belongs to another project. Upload it to this one."),
                file=file.name,
            )


def _next_number(project: Project) -> int:
    """Numbers are never used again, and two uploads at once get two numbers."""
    row = Project.objects.select_for_update().only("last_run_number").get(pk=project.pk)
    row.last_run_number += 1
    row.save(update_fields=["last_run_number"])
    return row.last_run_number


def _model_version(project: Project, fields: RunFields) -> ModelVersion | None:
    if not fields.model:
        return None
    kind = Model.Kind.BASELINE if fields.baseline else Model.Kind.ML
    model, _created = Model.objects.get_or_create(project=project, name=fields.model, defaults={"kind": kind})
    version, _created = ModelVersion.objects.get_or_create(model=model, label=fields.model_version)
    return version


@transaction.atomic
def edit_run(*, run: Run, user: User, name: str, notes: str) -> Run:
    """Change what people call a run. What was measured never changes."""
    require(user, Action.UPLOAD, run.project)
    run.name, run.notes = name, notes
    run.save(update_fields=["name", "notes"])
    return run


@transaction.atomic
def compare_runs(*, project: Project, user: User, runs: Sequence[Run]) -> Comparison:
    """Compare finished runs of one task and one truth with the first of them.

    The same runs in the same order have one comparison, whoever asks and however often. Its job may still
    be under way; ``result`` appears with the job's success. One that failed, that was made before the portal
    tested all pairs, or that has lost its rows, is made again.
    """
    require(user, Action.UPLOAD, project)
    check_compared(project, runs)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # two requests make one comparison
    comparison = start_comparison(runs=runs, user=user)
    compare_again(comparison=comparison, runs=runs, user=user)
    return comparison


def check_compared(project: Project, runs: Sequence[Run]) -> None:
    """InputRejected where these runs do not fit together, as far as that shows without their files."""
    if not FEWEST_COMPARED <= len(runs) <= MOST_COMPARED:
        raise InputRejected(
            "number_of_runs",
            gettext_noop("%(count)d runs were chosen. Choose %(fewest)d to %(most)d to compare."),
            count=len(runs),
            fewest=FEWEST_COMPARED,
            most=MOST_COMPARED,
        )
    if len({run.pk for run in runs}) < len(runs):
        raise InputRejected("same_run_twice", gettext_noop("A run was chosen twice. Choose each run once."))
    for run in runs:
        if run.project_id != project.pk:
            raise InputRejected(
                "run_of_other_project",
                gettext_noop("Run %(number)d belongs to another project. Compare runs of one project."),
                number=run.number,
            )
        if run.result is None:
            raise InputRejected(
                "run_unfinished",
                gettext_noop("Run %(number)d has no result yet. Compare runs that have one."),
                number=run.number,
            )
        if run.truth is None and not any(use["role"] == Role.ID for use in run.roles.values()):
            raise InputRejected(
                "no_id",
                gettext_noop(
                    "Run %(number)d has no column used as row id, so its rows cannot be found in the other "
                    "runs. Evaluate the file again and choose the column that names the rows."
                ),
                number=run.number,
            )
        if not TASK_KINDS[Task(run.task)].measured:
            raise InputRejected(
                "not_compared",
                gettext_noop(
                    "Run %(number)d is judged by protocols alone, so no metric compares it with others. Ask "
                    "the protocols of each run, and read their answers side by side."
                ),
                number=run.number,
            )
    for run in runs[1:]:
        _check_pair(runs[0], run)


def _check_pair(first: Run, other: Run) -> None:
    numbers: dict[str, Any] = {"first": first.number, "second": other.number}
    if first.task != other.task:
        raise InputRejected(
            "task_differs",
            gettext_noop("Run %(first)d and run %(second)d have different tasks. Compare runs of one task."),
            **numbers,
        )
    if first.truth and other.truth and first.truth.sha256 != other.truth.sha256:
        raise InputRejected(
            "truth_differs",
            gettext_noop(
                "Run %(first)d was judged by “%(file)s” and run %(second)d by “%(other)s”. Compare runs that "
                "were judged by the same truth."
            ),
            file=first.truth.name,
            other=other.truth.name,
            **numbers,
        )
    if first.positive != other.positive:
        raise InputRejected(
            "positive_differs",
            gettext_noop(
                "Run %(first)d finds “%(positive)s” and run %(second)d finds “%(other)s”. Compare runs with "
                "the same positive class."
            ),
            positive=first.positive,
            other=other.positive,
            **numbers,
        )


@transaction.atomic
def name_baseline(
    *, project: Project, user: User, model: Model, kind: str, description: str = ""
) -> Baseline:
    """Say what the project would do without machine learning. Runs are compared with it from now on, and
    those that are there now.
    """
    require(user, Action.MANAGE, project)
    if model.project_id != project.pk:
        raise InputRejected(
            "model_of_other_project",
            gettext_noop("The model “%(model)s” belongs to another project."),
            model=model.name,
        )
    if kind not in Baseline.Kind.values:
        raise InputRejected(
            "unknown_kind",
            gettext_noop("There is no kind “%(kind)s” of a baseline. Known: %(known)s."),
            kind=kind,
            known=", ".join(Baseline.Kind.values),
        )
    description = description.strip()
    if len(description) > DESCRIPTION_CHARACTERS:
        raise InputRejected(
            "description_too_long",
            gettext_noop("The description has %(length)d characters; at most %(most)d are kept."),
            length=len(description),
            most=DESCRIPTION_CHARACTERS,
        )
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    Model.objects.filter(pk=model.pk).update(kind=Model.Kind.BASELINE)
    baseline, _created = Baseline.objects.update_or_create(
        project=project, defaults={"model": model, "kind": kind, "description": description}
    )
    compare_all_with_baseline(project)
    baseline_named.send(sender=Baseline, project=project)
    return baseline


@transaction.atomic
def set_policy(*, project: Project, user: User, leak: str, most_looks: int) -> EvaluationPolicy:
    """Say what becomes of hold-out rows in training data, and how many looks a hold-out bears."""
    require(user, Action.MANAGE, project)
    if leak not in EvaluationPolicy.Leak.values:
        raise InputRejected(
            "unknown_leak_rule",
            gettext_noop("There is no rule “%(leak)s” for hold-out rows in training data. Known: %(known)s."),
            leak=leak,
            known=", ".join(EvaluationPolicy.Leak.values),
        )
    if not 1 <= most_looks <= MOST_LOOKS:
        raise InputRejected(
            "looks_out_of_range",
            gettext_noop("The looks before a warning are %(looks)d. Choose 1 to %(most)d."),
            looks=most_looks,
            most=MOST_LOOKS,
        )
    policy, _created = EvaluationPolicy.objects.update_or_create(
        project=project, defaults={"leak": leak, "most_looks": most_looks}
    )
    return policy
