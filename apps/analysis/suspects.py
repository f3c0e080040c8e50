"""The suspicious rows that a search for faults found: pages of them, and the list that people fill in."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from django.http import Http404, HttpResponse

from apps.analysis.models import Analysis
from apps.compute.faults.relabelling import write_list
from apps.datasets import storage

PAGE = 50
#: Rows of a list: as many as one person checks in some hours, and at most what the search keeps.
USUAL_LISTED, MOST_LISTED = 500, 5_000


@dataclass(frozen=True, slots=True)
class Suspects:
    """The most suspicious rows come first. ``path`` may be gone: whoever reads then meets
    FileNotFoundError.
    """

    path: Path
    kind: str = ""  # one of `kinds.faults.SUSPECTS`; "" for all

    @classmethod
    def of(cls, analysis: Analysis, kind: str = "") -> Suspects:
        return cls(storage.found_rows_path(str(analysis.pk)), kind)

    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind, whatever ``kind``."""
        counted = pl.read_parquet(self.path, columns=["kind"]).get_column("kind").value_counts()
        return dict(counted.rows())

    def rows(self, offset: int, limit: int) -> list[dict[str, Any]]:
        return self._frame().slice(offset, limit).rows(named=True)

    def list_csv(self, count: int) -> bytes:
        """The first ``count`` rows as CSV, with empty columns for the answers."""
        target = BytesIO()
        write_list(self._frame().head(count), target)
        return target.getvalue()

    def _frame(self) -> pl.DataFrame:
        found = pl.read_parquet(self.path)
        return found.filter(pl.col("kind") == self.kind) if self.kind else found


def list_response(run: int, suspects: Suspects, count: int) -> HttpResponse:
    """The list as a download. Http404: the rows are gone."""
    try:
        content = suspects.list_csv(count)
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"run-{run}-suspects.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
