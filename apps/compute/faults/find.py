"""One call from a run's table to the faults in its data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

from apps.compute.evaluation import EvaluationSpec, Progress, judge
from apps.compute.faults.clusters import clusters
from apps.compute.faults.confident_learning import NO_PROBABILITY, LabelIssues, label_issues
from apps.compute.faults.duplicates import Groups, Rows, exact
from apps.compute.faults.near_duplicates import Near, near_rows, near_texts
from apps.compute.faults.result import ClusterFound, Copies, CopyGroup, FaultsResult, TriggerFound
from apps.compute.faults.space import neighbourhood
from apps.compute.faults.subject import Features, Subject
from apps.compute.faults.triggers import triggers
from apps.compute.inputs import read
from apps.compute.messages import Message, gettext_noop
from apps.compute.results import MetricResult, Table
from apps.compute.task import infer_task

MOST_SUSPECTS = 5_000
#: Of these at most so many are label errors, and each other kind at most the second number.
MOST_LABELS, MOST_OTHERS = 2_500, 500
#: Where a larger share of rows repeats others, the features do not tell rows apart.
MOST_COPIES = 0.2
GROUPS_SHOWN = 20
ROWS_SHOWN = 20
PAIRS_SHOWN = 50
INFLUENCES_SHOWN = 50

#: Columns of the table of suspects. ``kind`` is label, cluster, trigger, conflict, near, copy or
#: influence; a row is there once, as the first of them. ``suspicion`` is 1 - ``self_confidence`` of label
#: errors, else missing.
SUSPECTS = {
    "row": pl.Int64,
    "id": pl.String,
    "kind": pl.String,
    "given": pl.String,
    "suggested": pl.String,
    "suspicion": pl.Float64,
    "self_confidence": pl.Float64,
    "influence": pl.Float64,
}

_READING = Message(gettext_noop("Reading the file"))
_LABELS = Message(gettext_noop("Likely label errors"))
_COPIES = Message(gettext_noop("Copies of rows"))
_INFLUENCE = Message(gettext_noop("Influence of each row"))
_CLUSTERS = Message(gettext_noop("Clusters and triggers"))


@dataclass(slots=True)
class _Search:
    subject: Subject
    features: Features
    seed: int
    result: FaultsResult
    notes: list[Message]
    durations: dict[str, float] = field(default_factory=dict)
    issues: LabelIssues | None = None
    rows: dict[str, Rows] = field(default_factory=dict)  # kind -> positions, most telling first

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.durations[step] = perf_counter() - start


def find_faults(
    path: Path, spec: EvaluationSpec, progress: Progress, *, metric: str | None = None
) -> tuple[FaultsResult, pl.DataFrame]:
    """Search the table of a run at ``path`` (normalised Parquet with truth and predictions).

    Gives the record and the suspicious rows, at most `MOST_SUSPECTS` with the columns `SUSPECTS`. ``metric``
    is that of the influence: by default the logarithmic loss, accuracy without probabilities, or the root
    mean square error. What cannot be searched is said in a note. But for the durations all depends on the
    file, ``spec`` and the version of this code alone. InputRejected: as `evaluate`; a task without one label
    a row; a metric whose influence is not known.
    """
    progress(_READING, 0.0)
    inputs = read(path, spec.roles)
    task = spec.task or infer_task(inputs)
    subject = Subject.of(judge(inputs, task, spec))
    search = _Search(
        subject,
        Features(path, spec.roles, inputs),
        spec.seed,
        FaultsResult(task, inputs.frame.height, metric or subject.metric, subject.classes, seed=spec.seed),
        [*inputs.notes, *subject.judged.notes],
    )
    if subject.classes:
        progress(_LABELS, 0.1)
        with search.timed("labels"):
            _search_labels(search)
    progress(_COPIES, 0.4)
    with search.timed("copies"):
        _search_copies(search)
    progress(_INFLUENCE, 0.6)
    with search.timed("influence"):
        change = _search_influence(search)
    if subject.classes:
        progress(_CLUSTERS, 0.7)
        with search.timed("clusters"):
            _search_clusters(search)
    result = replace(search.result, notes=tuple(search.notes), durations=search.durations)
    return result, _suspects(search, change)


def _search_labels(search: _Search) -> None:
    subject, result = search.subject, search.result
    if subject.probability is None:
        search.notes.append(Message(NO_PROBABILITY))
        return
    issues = label_issues(subject.truth, subject.probability, seed=search.seed)
    search.issues = issues
    search.rows["label"] = issues.suspects
    search.result = replace(
        result,
        errors=MetricResult("label_errors", issues.errors, issues.low, issues.high, result.n, "bootstrap"),
        suspects=len(issues.suspects),
        tables=_issue_tables(issues, subject),
    )


def _issue_tables(issues: LabelIssues, subject: Subject) -> dict[str, Table]:
    classes = subject.classes
    sizes = np.bincount(subject.truth, minlength=len(classes))
    off = issues.estimated.copy()
    np.fill_diagonal(off, 0.0)
    wrong = off.sum(axis=1)
    order = np.argsort(-off, axis=None, kind="stable")[:PAIRS_SHOWN]
    pairs = [divmod(int(cell), len(classes)) for cell in order if off.flat[cell] > 0]
    return {
        "by_class": Table(
            {
                "class": list(classes),
                "n": sizes.tolist(),
                "expected": [float(each) for each in wrong],
                "share": [float(w / n) if n else None for w, n in zip(wrong, sizes, strict=True)],
                "low": [float(low) if n else None for low, n in zip(issues.bounds[:, 0], sizes, strict=True)],
                "high": [
                    float(high) if n else None for high, n in zip(issues.bounds[:, 1], sizes, strict=True)
                ],
                "threshold": [None if np.isnan(t) else float(t) for t in issues.thresholds],
            }
        ),
        "pairs": Table(
            {
                "given": [classes[given] for given, _other in pairs],
                "suggested": [classes[other] for _given, other in pairs],
                "expected": [float(off[pair]) for pair in pairs],
                "n": [int(issues.joint[pair]) for pair in pairs],
            }
        ),
    }


def _search_copies(search: _Search) -> None:
    features, subject = search.features, search.subject
    if not features.names:
        search.notes.append(Message(_NO_FEATURES))
        return
    hashes = features.hashes(features.names)
    groups = exact(hashes, subject.truth)
    later = np.ones(len(groups.order), bool)
    later[groups.starts] = False
    copies = np.sort(groups.order[later])
    if groups.extra > MOST_COPIES * len(hashes):
        search.notes.append(Message(_ROUGH))
    else:
        search.rows["conflict"] = groups.members(groups.conflicting)
        search.rows["copy"] = copies
    search.result = replace(search.result, copies=_described(search, groups, features.names))
    near, columns = _near(search, np.setdiff1d(np.arange(len(hashes)), copies, assume_unique=True))
    if near is None:
        return
    search.notes.extend(near.notes)
    search.rows["near"] = near.groups.members()
    search.result = replace(search.result, near=_described(search, near.groups, columns))


def _near(search: _Search, rows: Rows) -> tuple[Near | None, tuple[str, ...]]:
    """Near copies among ``rows``: by the first column of texts, else by numbers and categories."""
    features, labels = search.features, search.subject.truth[rows]
    columns: tuple[str, ...]
    if features.texts:
        columns = (features.texts[0],)
        texts = features.read(columns).to_series().gather(rows).fill_null("").to_list()
        near = near_texts(texts, labels, seed=search.seed)
    elif features.numeric:
        columns = (*features.numeric, *features.categorical)
        values = np.stack([column[rows] for column in features.numbers], axis=1)
        kinds = features.hashes(features.categorical)[rows]
        near = near_rows(values, kinds, labels, seed=search.seed)
    else:
        return None, ()
    return replace(near, groups=replace(near.groups, order=rows[near.groups.order])), columns


def _described(search: _Search, groups: Groups, columns: tuple[str, ...]) -> Copies:
    truth, classes = search.subject.truth, search.subject.classes
    return Copies(
        columns,
        len(groups),
        groups.extra,
        int(np.count_nonzero(groups.conflicting)),
        int(groups.sizes[groups.conflicting].sum()),
        tuple(
            CopyGroup(
                tuple(search.features.row_numbers(group.rows[:ROWS_SHOWN])),
                len(group.rows),
                group.conflicting,
                tuple(classes[code] for code in np.unique(truth[group.rows])) if classes else (),
            )
            for group in groups.largest(GROUPS_SHOWN)
        ),
    )


def _search_influence(search: _Search) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    subject, result = search.subject, search.result
    if result.n < 2:
        return None
    change = subject.influence(result.metric)
    size = np.abs(np.where(np.isfinite(change), change, 0.0))
    largest = np.argsort(-size, kind="stable")
    search.rows["influence"] = largest[:INFLUENCES_SHOWN][size[largest[:INFLUENCES_SHOWN]] > 0]
    shown = search.rows["influence"]
    if len(np.unique(size.round(15))) <= 4 < len(size):
        search.notes.append(Message(_ALIKE, {"metric": result.metric}))
    table = Table(
        {
            "row": search.features.row_numbers(shown),
            "id": search.features.ids(shown),
            "given": subject.text(subject.truth[shown]),
            "predicted": subject.text(subject.predicted[shown]),
            "change": change[shown].tolist(),
        }
    )
    search.result = replace(result, tables={**result.tables, "influence": table})
    return change


def _search_clusters(search: _Search) -> None:
    subject, features, n = search.subject, search.features, search.result.n
    space = neighbourhood(features.numbers, subject.probability, n, seed=search.seed)
    if space is None:
        search.notes.append(Message(_NO_SPACE))
        return
    search.notes.extend(space.notes)
    truth, classes = subject.truth, subject.classes
    found = clusters(space, truth)
    values = features.values(space.rows)
    marks = triggers(space, truth, {name: codes for name, (_texts, codes) in values.items()})
    none = np.empty(0, np.intp)
    search.rows["cluster"] = np.concatenate([none, *(cluster.rows for cluster in found)])
    search.rows["trigger"] = np.concatenate([none, *(mark.rows for mark in marks)])
    search.result = replace(
        search.result,
        clusters=tuple(
            ClusterFound(
                tuple(features.row_numbers(each.rows[:ROWS_SHOWN])),
                len(each.rows),
                classes[each.given],
                classes[each.around],
                each.disagreement,
                each.p,
            )
            for each in found
        ),
        triggers=tuple(
            TriggerFound(
                mark.column, values[mark.column][0][mark.value], classes[mark.given],
                mark.n, mark.share, mark.expected, mark.p,
            )
            for mark in marks
        ),
    )  # fmt: skip


def _suspects(search: _Search, change: np.ndarray[tuple[int], np.dtype[np.float64]] | None) -> pl.DataFrame:
    subject, features, issues = search.subject, search.features, search.issues
    kinds: dict[int, str] = {}
    for kind in ("label", "cluster", "trigger", "conflict", "near", "copy", "influence"):
        for row in search.rows.get(kind, ())[: MOST_LABELS if kind == "label" else MOST_OTHERS]:
            kinds.setdefault(int(row), kind)
    rows = np.array(list(kinds)[:MOST_SUSPECTS], dtype=np.intp)
    own = [None] * len(rows) if issues is None else issues.self_confidence[rows].tolist()
    of_labels = [kinds[int(row)] == "label" for row in rows]
    suggested = [None] * len(rows) if issues is None else subject.text(issues.suggested[rows])
    moved = [None] * len(rows) if change is None else change[rows].tolist()
    return pl.DataFrame(
        {
            "row": features.row_numbers(rows),
            "id": features.ids(rows),
            "kind": [kinds[int(row)] for row in rows],
            "given": subject.text(subject.truth[rows]),
            "suggested": [text if label else None for text, label in zip(suggested, of_labels, strict=True)],
            "suspicion": [1 - p if label else None for p, label in zip(own, of_labels, strict=True)],
            "self_confidence": own,
            "influence": [None if m is None or not np.isfinite(m) else m for m in moved],
        },
        schema=SUSPECTS,
    )


_NO_FEATURES = gettext_noop(
    "No column is a feature, a slice or a text, so copies of rows were not looked for. Upload the features "
    "with the truth to find them."
)
_ROUGH = gettext_noop(
    "Many rows have equal features, so the columns describe a row too roughly: equal rows need not be "
    "copies, and none is listed as one."
)
_NO_SPACE = gettext_noop(
    "Clusters and triggers were not looked for: that needs 100 rows and a column of numbers or probabilities."
)
_ALIKE = gettext_noop(
    "By the metric %(metric)s rows of one kind all move it alike; probabilities would tell them apart."
)
