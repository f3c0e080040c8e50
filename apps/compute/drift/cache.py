"""What is known of a reference, kept as files so that the next comparison need not read it again."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

#: Raised whenever the content of the files changes its meaning.
VERSION = 1
#: A damaged header makes Polars panic.
_BROKEN = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


@dataclass(frozen=True, slots=True)
class Cache:
    """Frames by key in a folder that belongs to one content, selection and set of special values.

    Without a folder nothing is kept. A file that is missing or broken is made anew; files are complete or
    absent, so any number of processes may share the folder.
    """

    folder: Path | None

    def frame(self, key: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The frame under ``key``, else what ``make`` returns, which is then kept."""
        if self.folder is None:
            return make()
        path = self.folder / f"{VERSION}-{key}.arrow"
        try:
            return pl.read_ipc(path)
        except _BROKEN:
            frame = make()
            _write(frame, path)
            return frame

    def series(self, key: str, make: Callable[[], pl.Series]) -> pl.Series:
        """As `frame`, of a single column."""
        if self.folder is None:
            return make()
        return self.frame(key, lambda: make().to_frame()).to_series()


def _write(frame: pl.DataFrame, path: Path) -> None:
    """A full disk must not fail the comparison, which only goes without the file."""
    working = path.with_suffix(f".{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_ipc(working)
        working.replace(path)
    except _BROKEN:
        working.unlink(missing_ok=True)
