"""A monitor's models on its batches: read the files, join the labels, measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.messages import InputRejected, Message
from apps.compute.monitoring import cbpe, pooling
from apps.compute.monitoring.labels import LabelTable, with_labels
from apps.compute.monitoring.pooled import Beaten, Pooled, PooledModel
from apps.compute.results import MetricResult, Task
from apps.compute.roles import Role
from apps.compute.selection import Selection
from apps.datasets import pipeline as datasets
from apps.datasets.models import DataFile
from apps.monitoring import tables
from apps.monitoring.evaluation_rows import EstimatedBatch, LabelledBatch, LiveWindow, MeasuredBatch
from apps.monitoring.models import Batch, LabelMatch, Monitor, WatchedModel

Report = Callable[[Message, float], None]
Window = tuple[Batch, LabelledBatch]


def _quiet(message: Message, share: float) -> None:
    """A single batch is measured too fast to be reported on."""


class System:
    """The models of a monitor. ``present`` are those that are watched now, the champion first.

    ``folder`` takes the tables made on the way; those of labelled batches are kept for the pooled windows.
    """

    def __init__(self, monitor: Monitor, folder: Path) -> None:
        self.monitor = monitor
        self.folder = folder
        self.models = tables.watched_models(monitor)
        parts = list(WatchedModel.Part)
        present = [model for model in self.models if model.until is None]
        self.present = sorted(
            present, key=lambda model: (parts.index(WatchedModel.Part(model.part)), model.pk)
        )
        self.segments = tables.segments_of(monitor)
        self.learned: dict[str, Any] = {}
        self.target = tables.target_of(monitor)
        self._labelled: dict[tuple[int, int], LabelledBatch] = {}

    # What is said

    @property
    def champion(self) -> WatchedModel | None:
        return self._with_part(WatchedModel.Part.CHAMPION)

    def _with_part(self, part: WatchedModel.Part) -> WatchedModel | None:
        return next((model for model in self.present if model.part == part), None)

    @property
    def said(self) -> list[Any]:
        """How the newest windows are judged."""
        models = [[model.pk, model.part, model.since.isoformat(), model.roles] for model in self.present]
        monitor = self.monitor
        rules = [monitor.task, monitor.positive, monitor.threshold, monitor.roles]
        return [models, self.segments, rules]

    def live_model(self, watched: WatchedModel) -> pooling.LiveModel:
        return pooling.LiveModel(
            name=str(watched),
            roles=tables.roles_of(self.monitor, watched),
            task=Task(self.monitor.task),
            positive=self.monitor.positive or None,
            threshold=self.monitor.threshold,
            segments=tuple(self.segments),
        )

    # Labels

    def measure(self, batch: Batch) -> MeasuredBatch:
        """Every model that was watched when the batch's window began."""
        found = self._with_labels(batch, batch.labels_ticket)
        models = tables.watched_at(self.models, batch.start) if found and found.labelled else []
        measured = {model.pk: self._measure(found, model) for model in models if found}
        return MeasuredBatch(batch, batch.labels_ticket, found, measured)

    def _measure(self, labelled: LabelledBatch, model: WatchedModel) -> pooling.Measured:
        return pooling.measure(labelled.path, self.live_model(model), _quiet, folder=self.folder)

    def _with_labels(self, batch: Batch, ticket: int) -> LabelledBatch | None:
        """The batch with the labels that are known; None where no column is to hold them."""
        if self.target is None:
            return None
        if (batch.pk, ticket) not in self._labelled:
            made = self.folder / f"batch-{batch.pk}-{ticket}.parquet"
            found = with_labels(
                self._table(batch.file),
                self._uploads(batch),
                made,
                id_column=tables.id_of(self.monitor) or "",
                truth=self.target,
            )
            self._labelled[batch.pk, ticket] = LabelledBatch(made, found.rows, found.labelled, found.changed)
        return self._labelled[batch.pk, ticket]

    def _uploads(self, batch: Batch) -> list[LabelTable]:
        """The uploads with labels of the batch, in their order."""
        matches = LabelMatch.objects.filter(batch=batch, upload__file__isnull=False)
        return [
            LabelTable(self._table(match.upload.file), match.upload.id_column, match.upload.label_column)
            for match in matches.select_related("upload__file").order_by("upload__number")
        ]

    def _table(self, file: DataFile | None) -> Path:
        assert file is not None  # noqa: S101  only batches and uploads with a file are asked for
        return datasets.table_of(file, _quiet).path

    # Estimates

    def learn(self, progress: Report) -> dict[str, Any]:
        """What the reference teaches about each present model; what is known already is not learned again.

        Under "of" is what it was learned from.
        """
        monitor = self.monitor
        said = [str(monitor.reference_file_id), monitor.reference_selection, monitor.roles]
        identity = tables.digest([*said, monitor.task, monitor.positive, monitor.threshold])
        known = monitor.learned if monitor.learned.get("of") == identity else {}
        self.learned = {
            "of": identity,
            **{str(model.pk): known.get(str(model.pk), model) for model in self.present},
        }
        missing = [model for model in self.present if self.learned[str(model.pk)] is model]
        if missing:
            reference = self._reference(progress)
            self.learned |= {str(model.pk): self._calibration(model, reference) for model in missing}
        return self.learned

    def _reference(self, progress: Report) -> Path:
        path = datasets.table_of(self.monitor.reference_file, progress).path
        selection = Selection.from_json(self.monitor.reference_selection)
        if not selection:
            return path
        frame = pl.scan_parquet(path, glob=False)
        selected = self.folder / "reference.parquet"
        frame.filter(selection.expression(frame.collect_schema())).sink_parquet(selected)
        return selected

    def _calibration(self, model: WatchedModel, reference: Path) -> dict[str, Any] | None:
        """None: no probabilities, or no labels to learn from."""
        roles = tables.roles_of(self.monitor, model)
        if Role.PROBABILITY not in {use.role for use in roles.values()}:
            return None
        monitor = self.monitor
        schema = pl.read_parquet_schema(reference)
        try:
            return cbpe.calibrate(
                reference,
                {name: use for name, use in roles.items() if name in schema},
                Task(monitor.task),
                positive=monitor.positive or None,
                threshold=monitor.threshold,
            ).to_json()
        except InputRejected:
            return None

    @property
    def estimators(self) -> list[WatchedModel]:
        """Models whose metrics can be estimated without labels."""
        return [model for model in self.present if self.learned.get(str(model.pk)) is not None]

    def estimate(self, batch: Batch) -> EstimatedBatch:
        models = tables.watched_at(self.estimators, batch.start)
        return EstimatedBatch(batch, {model.pk: self._estimates(batch, model) for model in models})

    def _estimates(self, batch: Batch, model: WatchedModel) -> Sequence[MetricResult]:
        calibration = cbpe.Calibration.from_json(self.learned[str(model.pk)])
        roles = tables.roles_of(self.monitor, model)
        try:
            return cbpe.estimate(self._table(batch.file), roles, calibration)
        except InputRejected as fault:
            return (MetricResult(self.monitor.watch_metric, None, undefined=fault.message),)

    # The newest windows

    def pool(self, windows: Sequence[LiveWindow], identity: str) -> Pooled | None:
        """Judge the windows whose files are there as one table; None without any."""
        found = [
            (window.batch, labelled)
            for window in windows
            if window.batch.file is not None
            and (labelled := self._with_labels(window.batch, window.ticket)) is not None
        ]
        if not found:
            return None
        return Pooled(
            start=found[0][0].start.isoformat(),
            end=found[-1][0].end.isoformat(),
            windows=len(found),
            rows=sum(labelled.rows for _batch, labelled in found),
            labelled=sum(labelled.labelled for _batch, labelled in found),
            models=tuple(self._pooled_model(model, found) for model in self.present),
            beaten=self._beaten(found),
            identity=identity,
        )

    def _pooled_model(self, model: WatchedModel, found: Sequence[Window]) -> PooledModel:
        path = self._pooled_table(found, model)
        if path is None:
            return PooledModel(model.pk, ())
        measured = pooling.measure(path, self.live_model(model), _quiet, folder=self.folder)
        return PooledModel(model.pk, measured.metrics, measured.slices, measured.rows)

    def _beaten(self, found: Sequence[Window]) -> tuple[Beaten, ...]:
        champion, baseline = self.champion, self._with_part(WatchedModel.Part.BASELINE)
        if champion is None or baseline is None:
            return ()
        path = self._pooled_table(found, champion, baseline)
        if path is None:
            return ()
        return pooling.beaten(path, *map(self.live_model, (champion, baseline)), folder=self.folder)

    def _pooled_table(self, found: Sequence[Window], *models: WatchedModel) -> Path | None:
        """The rows of the windows that belong to all of the models; these are the newest of them."""
        paths = [
            labelled.path
            for batch, labelled in found
            if len(tables.watched_at(models, batch.start)) == len(models)
        ]
        if not paths:
            return None
        made = self.folder / f"pooled-{len(paths)}.parquet"
        return made if made.exists() else pooling.pool(paths, made)
