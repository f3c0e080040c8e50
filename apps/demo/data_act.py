"""The data behind the models: a data set, what is expected of it, and looks at its drift."""

from __future__ import annotations

from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.spec import ColumnSettings, DriftSpec
from apps.compute.selection import Condition, Operator, Selection
from apps.datasets import services as datasets
from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.services import expectations
from apps.datasets.uploads import incoming_from_path
from apps.demo.first_act import PREDICTIONS
from apps.demo.second_act import Stage
from apps.demo.story.records import Data, Kept, Rows
from apps.drift import services as drift


def tell_data(stage: Stage, data: Data) -> None:
    """Keep the data set with all its versions, name the reference, and ask for the reports on the newest."""
    versions = _keep(stage, data.kept)
    if len(versions) > 1:
        datasets.start_difference(older=versions[-2], newer=versions[-1], user=stage.people["data"])
    newest = versions[-1]
    if data.reference:
        drift.set_reference(
            project=stage.project,
            user=stage.people["science"],
            source=drift.Source.of_version(newest, _selection(data.reference)),
            reason=data.reason,
        )
    for look in data.looks:
        drift.submit_report(
            project=stage.project,
            user=stage.people["data"],
            current=drift.Source.of_version(newest, _selection(look.rows)),
            reference=drift.Source.of_version(newest, _selection(look.against)) if look.against else None,
            name=look.name,
            spec=_spec(data),
        )


def _keep(stage: Stage, kept: Kept) -> list[DatasetVersion]:
    user = stage.people["data"]
    about = datasets.DatasetAbout(
        description=kept.description,
        owner=user,
        source=kept.source,
        rights=kept.rights,
        labelling=kept.labelling,
        key_columns=kept.key_columns,
        time_column=kept.time_column,
    )
    dataset = datasets.add_dataset(
        project=stage.project, user=user, name=kept.name, role=kept.role, about=about
    )
    for expected in kept.expectations:
        expectations.add_expectation(
            dataset=dataset,
            user=user,
            kind=expected.kind,
            columns=expected.columns,
            params=expected.params,
            severity=expected.severity,
            note=expected.note,
        )
    return [_add_version(stage, dataset, content.file, content.note) for content in kept.versions]


def _add_version(stage: Stage, dataset: Dataset, file: str, note: str) -> DatasetVersion:
    path = PREDICTIONS / stage.story.folder / (file or stage.story.truth)
    upload = incoming_from_path(path)
    return datasets.add_version(dataset=dataset, user=stage.people["data"], upload=upload, note=note)


def _selection(rows: Rows) -> Selection:
    return Selection(tuple(Condition(column, Operator(how), values) for column, how, values in rows))


def _spec(data: Data) -> DriftSpec:
    columns = {name: ColumnSettings(kind=ColumnKind.CATEGORY) for name in data.categories}
    return DriftSpec(columns=columns | {name: ColumnSettings(ignore=True) for name in data.ignored})
