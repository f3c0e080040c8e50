"""The worker's side of a filled-in list: corrected labels as a new file, and a new run judged by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from apps.analysis.models import Relabelling
from apps.compute.faults.relabelling import Applied, apply, read_list
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import ColumnRole, Role, roles_from_json, roles_to_json
from apps.datasets import pipeline as datasets
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.datasets.pipeline import part
from apps.datasets.services import store_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.models import Model, Run
from apps.evaluations.services import RunFields, submit_run
from apps.jobs.models import Job
from apps.jobs.progress import Progress

_APPLYING = Message(gettext_noop("Correcting the labels"))


@dataclass(frozen=True, slots=True)
class Labels:
    """The file that says what is true of a run: its table, the uses of its columns, and the two that matter.
    ``id`` is "" where rows are named by their numbers.
    """

    file: DataFile
    path: Path
    roles: dict[str, ColumnRole]
    target: str
    id: str


def run_relabelling(job: Job, progress: Progress) -> Callable[[], None]:
    """Safe to repeat: the file and the run are made in the transaction that ends the job."""
    relabelling = Relabelling.objects.select_related(
        "project", "created_by", "list_file", "run__file", "run__truth", "run__training",
        "run__model_version__model",
    ).get(job=job)  # fmt: skip
    listed = datasets.table_of(relabelling.list_file, part(progress, 0.0, 0.2))
    labels = labels_of(relabelling.run, part(progress, 0.2, 0.5))
    progress(_APPLYING, 0.5)
    made = storage.new_incoming()  # outlives this function; one that nobody takes is swept away
    with storage.work_folder() as folder:
        applied = _correct(relabelling.run, labels, listed.path, folder, made)

    def save() -> None:
        datasets.save_fields({relabelling.list_file: listed})
        _save(relabelling, labels, made, applied)

    return save


def labels_of(run: Run, progress: Callable[[Message, float], None]) -> Labels:
    """The truth file where it has the target, else the file of the predictions."""
    if run.truth is not None:
        truth = datasets.table_of(run.truth, progress)
        if target := _column(truth.roles, Role.TARGET):
            return Labels(run.truth, truth.path, truth.roles, target, _column(truth.roles, Role.ID))
    predictions = datasets.table_of(run.file, progress)
    roles = {**predictions.roles, **roles_from_json(run.roles)}
    return Labels(run.file, predictions.path, roles, _column(roles, Role.TARGET), _column(roles, Role.ID))


def _column(roles: dict[str, ColumnRole], role: Role) -> str:
    return next((name for name, use in roles.items() if use.role is role), "")


def _correct(run: Run, labels: Labels, listed: Path, folder: Path, made: Path) -> Applied:
    """Write the corrected file to ``made``."""
    path, id_column = (labels.path, labels.id) if labels.id else _numbered(labels.path, folder)
    known = pl.read_parquet(path, columns=[id_column, labels.target])
    ids = known.get_column(id_column)
    if ids.drop_nulls().n_unique() < len(ids.drop_nulls()):
        raise InputRejected("duplicate_id", _REPEATED, column=id_column, file=labels.file.name)
    corrections = read_list(
        listed,
        truth_ids=ids,
        classes=(run.result or {}).get("classes") or None,
        given=known.get_column(labels.target),
    )
    applied = apply(path, id_column, labels.target, corrections, made)
    if not applied.changed + applied.dropped:
        raise InputRejected("nothing_changes", _NOTHING_CHANGES, count=len(corrections))
    if not labels.id:
        numbered = made.rename(folder / "numbered.parquet")
        pl.scan_parquet(numbered, glob=False).drop(id_column).sink_parquet(made, maintain_order=True)
    return applied


def _numbered(path: Path, folder: Path) -> tuple[Path, str]:
    """The table with the numbers of its rows, counted from 1, in a column that it did not have."""
    table, name = pl.scan_parquet(path, glob=False), "row"
    while name in table.collect_schema():
        name += "_"
    table.with_row_index(name, offset=1).sink_parquet(folder / "rows.parquet", maintain_order=True)
    return folder / "rows.parquet", name


def _save(relabelling: Relabelling, labels: Labels, made: Path, applied: Applied) -> None:
    run, user, old = relabelling.run, relabelling.created_by, labels.file
    name = _("%(file)s, corrected") % {"file": old.name}
    # A copy: this runs again after a lost connection.
    upload = incoming_from_path(made, name)
    corrected = store_file(project=relabelling.project, user=user, upload=upload, purpose=old.purpose)
    corrected.roles = roles_to_json(labels.roles)
    corrected.save(update_fields=["roles"])
    file, truth = (corrected if each == old else each for each in (run.file, run.truth))
    submitted = submit_run(
        project=relabelling.project,
        user=user,
        file=file,
        truth=truth,
        training=run.training,
        parent=run,
        fields=fields_of(run),
    )
    Relabelling.objects.filter(pk=relabelling.pk).update(
        corrected=corrected,
        corrected_run=submitted.run,
        changed=applied.changed,
        dropped=applied.dropped,
    )
    transaction.on_commit(lambda: made.unlink(missing_ok=True))


def fields_of(run: Run) -> RunFields:
    """What was said about ``run``, for one that differs in its labels alone."""
    version = run.model_version
    return RunFields(
        name=_("%(run)s, corrected labels") % {"run": run.name},
        model=version.model.name if version else "",
        model_version=version.label if version else "",
        baseline=bool(version and version.model.kind == Model.Kind.BASELINE),
        code_revision=run.code_revision,
        task=run.task,
        roles=roles_from_json(run.roles),
        positive=run.positive,
        threshold=run.threshold,
        cross_slices=run.cross_slices,
        seed=run.seed,
        parameters=run.parameters,
        training_hash="" if run.training else run.training_hash,
    )


_REPEATED = gettext_noop(
    "The id column %(column)s of “%(file)s” names several rows by one id, so the list cannot say which row "
    "it means. Give each row an id of its own and evaluate the file again."
)
_NOTHING_CHANGES = gettext_noop(
    "The %(count)d answers of the list leave every label as it is, so there is nothing to judge anew. That "
    "is a finding too: people found these labels right."
)
