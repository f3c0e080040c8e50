"""What changed between two versions: the columns from their profiles, the rows by the worker."""

from __future__ import annotations

from collections.abc import Callable

from apps.compute.difference import SchemaDifference, difference, schema_difference
from apps.compute.profile import Kind
from apps.datasets.models import DatasetVersion, VersionDifference
from apps.datasets.pipeline import part, save_fields, table_of
from apps.jobs.models import Job
from apps.jobs.progress import Progress


def schema_between(older: DatasetVersion, newer: DatasetVersion) -> SchemaDifference | None:
    """None while a file of theirs is not read."""
    kinds = [
        {column["name"]: Kind(column["kind"]) for column in version.file.profile or []}
        for version in (older, newer)
        if version.file.is_read
    ]
    return schema_difference(*kinds) if len(kinds) == 2 else None


def run_difference(job: Job, progress: Progress) -> Callable[[], None]:
    row = VersionDifference.objects.select_related("older__file", "newer__file").get(job=job)
    files = (row.older.file, row.newer.file)
    tables = {
        file: table_of(file, part(progress, 0.25 * place, 0.25 * (place + 1)))
        for place, file in enumerate(files)
    }
    older, newer = (tables[file].path for file in files)
    result = difference(older, newer, row.key_columns, part(progress, 0.5, 0.99))

    def save() -> None:
        save_fields(tables)
        VersionDifference.objects.filter(pk=row.pk).update(result=result.to_json())

    return save
