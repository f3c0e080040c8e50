"""Evidently's own page of a drift report, made on request on a queue of its own.

Evidently sees what our report could compare: the strongest `MOST_COLUMNS` columns, at most `MOST_ROWS` rows
of a side (a seeded sample of more), special and infinite values as missing ones. Dates, which its preset does
not compare, and columns with more than `MOST_CATEGORIES` categories, with which it takes hours, are left out.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from celery.exceptions import SoftTimeLimitExceeded

from apps.compute.drift.result import Verdict
from apps.compute.drift.spec import DriftSpec, Side
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.datasets import storage
from apps.datasets.pipeline import part
from apps.drift.models import ColumnDrift, DriftReport, EvidentlyReport
from apps.drift.pipeline import sides_of
from apps.drift.safe_html import plain, plain_names, safe_page
from apps.jobs.models import Job
from apps.jobs.progress import Progress

logger = logging.getLogger(__name__)

MOST_ROWS, MOST_COLUMNS, MOST_CATEGORIES, MOST_BYTES = 100_000, 50, 1_000, 64 * 1024**2
TEXT_CHARACTERS = 2_000  # of one value
_KINDS = {"number": "numerical", "category": "categorical", "boolean": "categorical", "text": "text"}

Kinds = Mapping[str, str]


def run_rendering(job: Job, progress: Progress) -> Callable[[], None]:
    made = EvidentlyReport.objects.select_related(
        "report__reference_file",
        "report__current_file",
        "report__reference_version__dataset",
        "report__current_version__dataset",
    ).get(job=job)
    sides = sides_of(made.report, part(progress, 0.0, 0.2))
    progress(Message(gettext_noop("Choosing rows and columns")), 0.2)
    kinds = _kinds(made.report)
    frames = [_frame(side, kinds, sides.spec.seed) for side in (sides.reference, sides.current)]
    kinds = _kept(kinds, frames)
    progress(Message(gettext_noop("Evidently is at work")), 0.3)
    html = safe_page(_render(frames, kinds, sides.spec))
    progress(Message(gettext_noop("Keeping the page")), 0.95)
    sha256, size = _store(html)

    def save() -> None:
        EvidentlyReport.objects.filter(pk=made.pk).update(
            sha256=sha256, size=size, rows=max(frame.height for frame in frames), columns=len(kinds)
        )

    return save


def _kinds(report: DriftReport) -> dict[str, str]:
    """The strongest columns that Evidently can compare, and how it calls what they hold."""
    compared = ColumnDrift.objects.filter(report=report, kind__in=_KINDS).exclude(
        verdict=Verdict.INCOMPARABLE
    )
    chosen = compared.order_by("place").values_list("name", "kind")[:MOST_COLUMNS]
    return {name: _KINDS[kind] for name, kind in chosen}


def _frame(side: Side, kinds: Kinds, seed: int) -> pl.DataFrame:
    rows = pl.scan_parquet(side.path, glob=False)
    if side.selection:
        rows = rows.filter(side.selection.expression(rows.collect_schema()))
    count = int(rows.select(pl.len()).collect(engine="streaming").item())
    schema = rows.collect_schema()
    columns = [_values(name, kind, schema[name], side) for name, kind in kinds.items()]
    if count > MOST_ROWS:
        chosen = pl.int_range(count, eager=True).sample(MOST_ROWS, seed=seed).sort()
        rows = rows.with_row_index("").filter(pl.col("").is_in(chosen.implode()))
    return rows.select(columns).collect(engine="streaming")


def _values(name: str, kind: str, dtype: pl.DataType, side: Side) -> pl.Expr:
    column = pl.col(name)
    special = [*side.missing_values.get("*", ()), *side.missing_values.get(name, ())]
    if dtype.is_numeric():
        value = column.cast(pl.Float64)
        known = [float(each) for each in special if not isinstance(each, str)]
        return pl.when(value.is_finite() & ~value.is_in(known)).then(value).alias(name)
    text = column.cast(pl.String)
    known_texts = [str(each) for each in special]
    return pl.when(~text.is_in(known_texts)).then(text.str.head(TEXT_CHARACTERS)).alias(name)


def _kept(kinds: Kinds, frames: Sequence[pl.DataFrame]) -> dict[str, str]:
    """Without what Evidently fails on. InputRejected: nothing is left."""
    kept = {}
    for name, kind in kinds.items():
        columns = [frame[name] for frame in frames]
        if any(column.null_count() == len(column) for column in columns):
            continue
        if kind == "categorical" and sum(column.n_unique() for column in columns) > MOST_CATEGORIES:
            continue
        kept[name] = kind
    if not kept:
        raise InputRejected(
            "nothing_for_evidently",
            gettext_noop(
                "No column of this report can be compared by Evidently: it takes numbers, texts and up to "
                "%(most)d categories. Our own report stands."
            ),
            most=MOST_CATEGORIES,
        )
    return kept


def _render(frames: Sequence[pl.DataFrame], kinds: Kinds, spec: DriftSpec) -> str:
    """The page of Evidently's drift preset. InputRejected: Evidently fails on these data."""
    os.environ["DO_NOT_TRACK"] = "1"  # read when the package is imported
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    names = plain_names(kinds)
    by_kind = {
        f"{kind}_columns": [names[name] for name, each in kinds.items() if each == kind]
        for kind in sorted(set(kinds.values()))
    }
    definition = DataDefinition(**by_kind)
    reference, current = (
        Dataset.from_pandas(_pandas(frame, names), data_definition=definition) for frame in frames
    )
    settings = {names[name]: each for name, each in spec.columns.items() if name in names}
    preset = DataDriftPreset(
        drift_share=spec.drift_share,
        per_column_method={name: each.method for name, each in settings.items() if each.method},
        per_column_threshold={name: each.limit for name, each in settings.items() if each.limit is not None},
    )
    try:
        page: str = Report([preset]).run(current, reference).get_html_str(as_iframe=False)
    except (MemoryError, SoftTimeLimitExceeded):
        raise
    except Exception as error:
        logger.exception("Evidently failed.")
        raise InputRejected(
            "evidently_failed",
            gettext_noop("Evidently fails on these data (%(error)s). Our own report stands."),
            error=str(error)[:200],
        ) from error
    return page


def _pandas(frame: pl.DataFrame, names: Mapping[str, str]) -> Any:
    """Values of texts in their harmless form."""
    import pandas as pd

    columns = {}
    for name, shown in names.items():
        column = frame[name]
        if column.dtype == pl.String:
            columns[shown] = pd.Series(
                [None if text is None else plain(text) for text in column], dtype=object
            )
        else:
            columns[shown] = pd.Series(column.to_numpy())
    return pd.DataFrame(columns)


def _store(html: str) -> tuple[str, int]:
    """SHA-256 and size in bytes. InputRejected: the page is too large to keep."""
    content = html.encode(errors="replace")
    if len(content) > MOST_BYTES:
        raise InputRejected(
            "page_too_large",
            gettext_noop(
                "Evidently's page has %(size)d MB; at most %(most)d are kept. Compare fewer columns."
            ),
            size=len(content) // 1024**2,
            most=MOST_BYTES // 1024**2,
        )
    sha256 = hashlib.sha256(content).hexdigest()
    with storage.work_folder() as folder:
        made = folder / "page.html"
        made.write_bytes(content)
        storage.publish_page(made, sha256)
    return sha256, len(content)


def remove_orphans(older_than_seconds: float) -> None:
    """Delete pages whose report is gone, or whose job ended before it could name them."""
    for sha256 in storage.stored_pages(older_than_seconds):
        if not EvidentlyReport.objects.filter(sha256=sha256).exists():
            storage.page_path(sha256).unlink(missing_ok=True)
