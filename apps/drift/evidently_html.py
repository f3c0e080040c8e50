"""Evidently's own page of a drift report, made on request on a queue of its own.

Evidently sees what our report could compare: the strongest `MOST_COLUMNS` columns, at most `MOST_ROWS` rows
of a side (a seeded sample of more), special and infinite values as missing ones. Dates, which its preset does
not compare, and columns with more than `MOST_CATEGORIES` categories, with which it takes hours, are left out.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from celery.exceptions import SoftTimeLimitExceeded

from apps.compute.drift.prepare import in_one_type, without_special
from apps.compute.drift.result import Verdict
from apps.compute.drift.spec import DriftSpec, Side
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.profile import ROW
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

#: Column -> our kind of it.
Kinds = Mapping[str, str]
#: A column of the reference and of the current side.
Pair = tuple[pl.Series, pl.Series]


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
    pairs = _pairs(sides.reference, sides.current, kinds, sides.spec.seed)
    progress(Message(gettext_noop("Evidently is at work")), 0.3)
    html = safe_page(_render(pairs, kinds, sides.spec))
    progress(Message(gettext_noop("Keeping the page")), 0.95)
    sha256, size = _store(html)

    def save() -> None:
        EvidentlyReport.objects.filter(pk=made.pk).update(
            sha256=sha256,
            size=size,
            rows=max(len(column) for pair in pairs.values() for column in pair),
            columns=len(pairs),
        )

    return save


def _kinds(report: DriftReport) -> dict[str, str]:
    """The strongest columns that Evidently can compare."""
    compared = ColumnDrift.objects.filter(report=report, kind__in=_KINDS).exclude(
        verdict=Verdict.INCOMPARABLE
    )
    return dict(compared.order_by("place").values_list("name", "kind")[:MOST_COLUMNS])


def _pairs(reference: Side, current: Side, kinds: Kinds, seed: int) -> dict[str, Pair]:
    """The columns as Evidently gets them, without those that it fails on. InputRejected: nothing is left."""
    frames = [_sampled(side, list(kinds), seed) for side in (reference, current)]
    found = {}
    for name, kind in kinds.items():
        special = [
            (*side.missing_values.get("*", ()), *side.missing_values.get(name, ()))
            for side in (reference, current)
        ]
        first, second = (
            without_special(frame[name], values) for frame, values in zip(frames, special, strict=True)
        )
        pair = _alike(kind, first, second)
        if any(column.null_count() == len(column) for column in pair):
            continue
        if _KINDS[kind] == "categorical" and sum(column.n_unique() for column in pair) > MOST_CATEGORIES:
            continue
        found[name] = pair
    if not found:
        raise InputRejected(
            "nothing_for_evidently",
            gettext_noop(
                "No column of this report can be compared by Evidently: it takes numbers, texts and up to "
                "%(most)d categories. Our own report stands."
            ),
            most=MOST_CATEGORIES,
        )
    return found


def _sampled(side: Side, names: list[str], seed: int) -> pl.DataFrame:
    rows = pl.scan_parquet(side.path, glob=False)
    if side.selection:
        rows = rows.filter(side.selection.expression(rows.collect_schema()))
    count = int(rows.select(pl.len()).collect(engine="streaming").item())
    if count > MOST_ROWS:
        chosen = pl.int_range(count, dtype=pl.get_index_type(), eager=True).sample(MOST_ROWS, seed=seed)
        rows = rows.with_row_index(ROW).filter(pl.col(ROW).is_in(chosen.implode()))
    return rows.select(names).collect(engine="streaming")


def _alike(kind: str, first: pl.Series, second: pl.Series) -> Pair:
    """Both sides in a type that Evidently takes for this kind: floats or harmless texts."""
    if kind == "boolean":
        first, second = first.cast(pl.Boolean), second.cast(pl.Boolean)
    elif kind == "category":
        first, second = in_one_type(first, second)
    return _simple(first, kind), _simple(second, kind)


def _simple(column: pl.Series, kind: str) -> pl.Series:
    if column.dtype.is_numeric() and kind != "text":
        values = column.cast(pl.Float64)
        return values.set(~values.is_finite(), None)
    texts = column.cast(pl.String).str.head(TEXT_CHARACTERS)
    return pl.Series(column.name, [None if text is None else plain(text) for text in texts], pl.String)


def _render(pairs: Mapping[str, Pair], kinds: Kinds, spec: DriftSpec) -> str:
    """The page of Evidently's drift preset. InputRejected: Evidently fails on these data."""
    os.environ["DO_NOT_TRACK"] = "1"  # read when the package is imported
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    names = plain_names(pairs)
    by_kind: dict[str, list[str]] = {}
    for name, shown in names.items():
        by_kind.setdefault(f"{_KINDS[kinds[name]]}_columns", []).append(shown)
    reference, current = (
        Dataset.from_pandas(_pandas(pairs, names, side), data_definition=DataDefinition(**by_kind))
        for side in (0, 1)
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


def _pandas(pairs: Mapping[str, Pair], names: Mapping[str, str], side: int) -> Any:
    import pandas as pd

    columns = {}
    for name, shown in names.items():
        column = pairs[name][side]
        values = column.to_list() if column.dtype == pl.String else column.to_numpy()
        columns[shown] = pd.Series(values, dtype=object if column.dtype == pl.String else float)
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
