"""Where the bytes lie: content-addressed files below ``settings.STORAGE_DIR``.

``incoming/<random>``            an upload on its way in
``raw/<ab>/<sha256>``            an upload as it came
``tables/<ab>/<sha256>.v1``      its rows as Parquet; v1 is the version of the normaliser
``references/<ab>/<sha256>.v1-…``  what is known of it as a reference, kept for the next drift report
``keys/<ab>/<sha256>.v1-…``      hashes of the ids in a column, for finding rows by id
``pages/<ab>/<sha256>.html``     a page that a job made
``found/<name>.parquet``         rows that an analysis found; they can be found again

A name is made from the content, so writing twice is writing once, and a retried job does no harm.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

#: Raised with every change of what `compute.tables.normalise` writes for the same bytes.
NORMALISER_VERSION = 1


def _folder(name: str) -> Path:
    folder: Path = settings.STORAGE_DIR / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_incoming() -> Path:
    handle, name = tempfile.mkstemp(dir=_folder("incoming"))
    os.close(handle)
    return Path(name)


def raw_path(sha256: str) -> Path:
    return settings.STORAGE_DIR / "raw" / sha256[:2] / sha256


def table_path(sha256: str) -> Path:
    return settings.STORAGE_DIR / "tables" / sha256[:2] / f"{sha256}.v{NORMALISER_VERSION}.parquet"


def make_durable(path: Path) -> None:
    """Wait until the bytes of ``path`` are on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def adopt(incoming: Path, sha256: str) -> Path:
    """Move a complete upload to its place. The same content is kept once."""
    target = raw_path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming.replace(target)
    # A rename is durable only when its folder is written too.
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target


@contextmanager
def work_folder() -> Iterator[Path]:
    """A private folder on the same disk, for files that a job makes on the way."""
    folder = Path(tempfile.mkdtemp(dir=_folder("incoming")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish_table(made: Path, sha256: str) -> Path:
    """Put a normalised table in its place; whoever comes second writes the same bytes again."""
    target = table_path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)
    return target


def reference_folder(sha256: str, rows: str) -> Path:
    """Where a job may keep what it finds in some rows of this content. ``rows`` says which, in up to 64
    letters and digits. Whatever is in it can be made again; `remove_unused_references` deletes it some time
    after the last call of this.
    """
    folder: Path = settings.STORAGE_DIR / "references" / sha256[:2] / f"{sha256}.v{NORMALISER_VERSION}-{rows}"
    if folder.exists():
        os.utime(folder)
    return folder


def remove_unused_references(older_than_seconds: float) -> int:
    """Delete what no job has asked for in so long; returns how many folders went."""
    limit = time.time() - older_than_seconds
    unused = [folder for folder in _folder("references").glob("*/*") if folder.stat().st_mtime < limit]
    for folder in unused:
        shutil.rmtree(folder, ignore_errors=True)
    return len(unused)


def keys_path(sha256: str, column: str) -> Path:
    """Where the hashes of the ids in a column of this content are kept; they can be made again."""
    name = hashlib.sha256(column.encode()).hexdigest()[:16]
    return settings.STORAGE_DIR / "keys" / sha256[:2] / f"{sha256}.v{NORMALISER_VERSION}-{name}.npy"


def publish_keys(made: Path, sha256: str, column: str) -> None:
    target = keys_path(sha256, column)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)


def page_path(sha256: str) -> Path:
    return settings.STORAGE_DIR / "pages" / sha256[:2] / f"{sha256}.html"


def publish_page(made: Path, sha256: str) -> Path:
    target = page_path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    make_durable(made)
    made.replace(target)
    return target


def found_rows_path(name: str) -> Path:
    """Where the rows lie that an analysis found; ``name`` is its id."""
    return settings.STORAGE_DIR / "found" / f"{name}.parquet"


def publish_found_rows(made: Path, name: str) -> None:
    target = found_rows_path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)


def stored_pages(older_than_seconds: float) -> Iterator[str]:
    """SHA-256 of every page that has lain there for so long."""
    limit = time.time() - older_than_seconds
    for path in _folder("pages").glob("*/*.html"):
        if path.stat().st_mtime < limit:
            yield path.stem


def remove_leftovers(older_than_seconds: float) -> int:
    """Delete what cut-off uploads and killed jobs left in ``incoming``; returns how many."""
    limit = time.time() - older_than_seconds
    removed = 0
    for path in _folder("incoming").iterdir():
        try:
            if path.stat().st_mtime > limit:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            removed += 1
        except FileNotFoundError:
            continue
    return removed


def stored_contents(older_than_seconds: float) -> Iterator[str]:
    """SHA-256 of every upload that has lain in ``raw`` for so long."""
    limit = time.time() - older_than_seconds
    for path in _folder("raw").glob("*/*"):
        if path.stat().st_mtime < limit:
            yield path.name


def remove_content(sha256: str) -> None:
    raw_path(sha256).unlink(missing_ok=True)
    table_path(sha256).unlink(missing_ok=True)
    for folder in _folder("references").glob(f"{sha256[:2]}/{sha256}.*"):
        shutil.rmtree(folder, ignore_errors=True)
    for keys in _folder("keys").glob(f"{sha256[:2]}/{sha256}.*"):
        keys.unlink(missing_ok=True)
