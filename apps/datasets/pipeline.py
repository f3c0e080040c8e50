"""The worker's side: turn an upload into a Parquet table with a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.compute import guess, profile, tables
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import ColumnRole, roles_from_json, roles_to_json
from apps.datasets import storage
from apps.datasets.models import MONITORED, DataFile
from apps.jobs.models import Job
from apps.jobs.progress import Progress


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a file found."""

    format: str
    rows: int
    profiles: list[profile.ColumnProfile]
    roles: dict[str, ColumnRole]
    table: Path


def previous_roles(file: DataFile) -> dict[str, ColumnRole]:
    """The roles in the project's last file of the same purpose that was read: the best guess for the next."""
    last = (
        DataFile.objects.filter(project=file.project_id, purpose=file.purpose, rows__isnull=False)
        .exclude(pk=file.pk)
        .order_by("-uploaded_at")
        .values_list("roles", flat=True)
        .first()
    )
    return roles_from_json(last or {})


def read_file(file: DataFile, progress: Callable[[Message, float], None]) -> Reading:
    """Normalise and profile ``file``. Safe to repeat: the table's place follows from the content."""
    raw = storage.raw_path(file.sha256)
    table = storage.table_path(file.sha256)
    source = tables.sniff(raw, file.name)
    if not table.exists():
        with storage.work_folder() as folder:
            made = folder / "table.parquet"
            tables.normalise(raw, made, source, limits_of(file), lambda m, f: progress(m, 0.8 * f))
            storage.publish_table(made, file.sha256)
    progress(Message(gettext_noop("Looking at the columns")), 0.8)
    profiles = profile.profile_table(table)
    given = roles_from_json(file.roles)
    _check_names(file, given, profiles)
    guessed = guess.guess_roles(profiles, previous=previous_roles(file))
    return Reading(
        format=source.format.value,
        rows=profiles[0].rows if profiles else 0,
        profiles=profiles,
        roles={**guessed, **given},
        table=table,
    )


def limits_of(file: DataFile) -> tables.Limits:
    """A live system may have seen nothing in a window; any other file without rows is a mistake."""
    least = 0 if file.purpose in MONITORED else 1
    return tables.Limits(max_bytes=4 * settings.MAX_UPLOAD_BYTES, min_rows=least)


def _check_names(file: DataFile, given: dict[str, ColumnRole], profiles: list[profile.ColumnProfile]) -> None:
    names = {p.name for p in profiles}
    for name in given:
        if name not in names:
            raise InputRejected(
                "missing_column",
                gettext_noop("The file “%(file)s” has no column “%(column)s”."),
                column=name,
                file=file.name,
            )


def saved_fields(reading: Reading) -> dict[str, Any]:
    """The columns of the `DataFile` row that keep a reading."""
    return {
        "format": reading.format,
        "rows": reading.rows,
        "column_count": len(reading.profiles),
        "profile": [p.to_json() for p in reading.profiles],
        "roles": roles_to_json(reading.roles),
    }


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows and what its columns are used for; ``fields`` is set when it was read just now."""

    path: Path
    roles: dict[str, ColumnRole]
    fields: dict[str, Any] | None


def table_of(file: DataFile, progress: Callable[[Message, float], None]) -> Table:
    """The normalised table of a file, which is read now if the storage does not have it."""
    table = storage.table_path(file.sha256)
    if file.is_read and table.exists():
        return Table(table, roles_from_json(file.roles), None)
    reading = read_file(file, progress)
    return Table(reading.table, reading.roles, saved_fields(reading))


def save_fields(tables: Mapping[DataFile, Table]) -> None:
    """Keep in their rows what was found in the files that were read just now."""
    for file, table in tables.items():
        if table.fields is not None:
            DataFile.objects.filter(pk=file.pk).update(**table.fields)


def part(
    progress: Callable[[Message, float], None], start: float, end: float
) -> Callable[[Message, float], None]:
    """A progress callback for one stretch of the whole."""
    return lambda message, fraction: progress(message, start + (end - start) * fraction)


def read(job: Job, progress: Progress) -> Callable[[], None]:
    file = DataFile.objects.get(job=job)
    fields = saved_fields(read_file(file, progress))

    def save() -> None:
        DataFile.objects.filter(pk=file.pk).update(**fields)

    return save
