"""Several judged files on the rows that all of them have, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute import labels
from apps.compute.inputs import Inputs, present
from apps.compute.join import KEY, ROW, check_ids, id_key
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.multiclass import Multiclass, prepare
from apps.compute.roles import ColumnRole, ColumnRoles, Role
from apps.compute.uncertainty import Floats

#: What a comparison reads of a file: all else would only take memory.
READ = frozenset(
    {
        Role.TARGET,
        Role.PREDICTION,
        Role.PROBABILITY,
        Role.QUANTILE,
        Role.INTERVAL_LOW,
        Role.INTERVAL_HIGH,
        Role.WEIGHT,
        Role.STD,
        Role.QUERY,
        Role.SERIES,
        Role.HORIZON,
        Role.SCALE,
    }
)


@dataclass(frozen=True, slots=True)
class Side:
    """One run: its table (truth joined), the uses of the columns, and how it was judged. ``name`` is what
    messages call it. ``also`` are columns that are read whatever their use.
    """

    name: Message | str
    path: Path
    roles: ColumnRoles
    positive: str | None = None
    threshold: float | None = None
    also: tuple[str, ...] = ()

    @property
    def id_column(self) -> str:
        for name, use in self.roles.items():
            if use.role is Role.ID:
                return name
        raise InputRejected("no_id", _NO_ID, run=self.name)

    @property
    def used(self) -> dict[str, ColumnRole]:
        """What is read; the time too where rows depend on each other over time."""
        given = {use.role for use in self.roles.values()}
        read = READ | {Role.TIMESTAMP} if given & {Role.SERIES, Role.HORIZON} else READ
        return {name: use for name, use in self.roles.items() if use.role in read}


@dataclass(frozen=True, slots=True)
class Aligned:
    """``inputs`` hold the common rows of each side; ``rows`` counts what each had with a true value.
    ``ids`` are those of the common rows, as text where the sides' ids have different types.
    """

    inputs: tuple[Inputs, ...]
    rows: tuple[int, ...]
    ids: pl.Series
    as_text: bool = False

    def key_of(self, side: Side) -> pl.Expr:
        """The id of ``side`` as ``ids`` has it."""
        schema = pl.Schema(pl.read_parquet_schema(side.path))
        return id_key(side.id_column, schema, as_text=self.as_text)


def align(sides: Sequence[Side]) -> Aligned:
    """Read all sides and keep the rows whose id, with a true value, is in each, in the order of the first.

    InputRejected: no id column, ids that are missing or doubled, no common row.
    """
    schemas = [pl.read_parquet_schema(side.path) for side in sides]
    as_text = len({str(schema[side.id_column]) for schema, side in zip(schemas, sides, strict=True)}) > 1
    frames = []
    for side, schema in zip(sides, schemas, strict=True):
        key = id_key(side.id_column, pl.Schema(schema), as_text=as_text).alias(KEY)
        wanted = dict.fromkeys([*side.used, *side.also])
        frame = pl.scan_parquet(side.path, glob=False).select(key, *wanted).collect()
        check_ids(frame.lazy(), side.id_column, Message(_FILE_OF, {"run": side.name}))
        targets = [name for name, use in side.used.items() if use.role is Role.TARGET]
        labelled = np.logical_or.reduce([present(frame.get_column(target)) for target in targets])
        frames.append(frame.filter(pl.Series(labelled)))
    common = frames[0].select(KEY).with_row_index(f"{ROW}0")
    for place, frame in enumerate(frames[1:], 1):
        other = frame.select(KEY).with_row_index(f"{ROW}{place}")
        common = common.join(other, on=KEY, how="inner", maintain_order="left")
    if not common.height:
        raise InputRejected("nothing_common", _NOTHING_COMMON)
    inputs = tuple(
        Inputs(frame.drop(KEY)[common.get_column(f"{ROW}{place}")], side.used, None, None, ())
        for place, (frame, side) in enumerate(zip(frames, sides, strict=True))
    )
    return Aligned(inputs, tuple(frame.height for frame in frames), common.get_column(KEY), as_text)


def common_weight(inputs: Sequence[Inputs]) -> tuple[Floats | None, tuple[Message, ...]]:
    """The weights if all sides give the same; otherwise none, and a note that says so."""
    given = [each.weight() for each in inputs]
    first = given[0]
    if all(weight is None for weight in given):
        return None, ()
    if first is not None and all(weight is not None and np.allclose(first, weight) for weight in given):
        return first, ()
    return None, (Message(_WEIGHTS_DIFFER),)


def same_classes(runs: Sequence[Multiclass]) -> list[Multiclass]:
    """The runs with the classes of all of them: macro averages over different classes do not compare."""
    classes = labels.order({name for run in runs for name in run.classes})
    return [run if run.classes == classes else _recoded(run, classes) for run in runs]


def _recoded(run: Multiclass, classes: tuple[str, ...]) -> Multiclass:
    places = np.array([classes.index(name) for name in run.classes], dtype=run.truth.dtype)
    probability = None
    if run.probability is not None:
        probability = np.zeros((len(classes), len(run.truth)))
        probability[places] = run.probability
    return prepare(classes, places[run.truth], places[run.predicted], run.weight, probability)


def check_classes(names: Sequence[Message | str], classes: Sequence[tuple[str, str]]) -> None:
    """InputRejected when two runs have different positive classes (classes are negative, positive)."""
    for name, own in zip(names[1:], classes[1:], strict=True):
        if own != classes[0]:
            raise InputRejected(
                "positive_differs",
                _POSITIVE_DIFFERS,
                first=names[0],
                positive=classes[0][1],
                second=name,
                other=own[1],
            )


def check_truth(names: Sequence[Message | str], truths: Sequence[NDArray[Any]]) -> None:
    """InputRejected when two runs were judged by different true values."""
    for name, truth in zip(names[1:], truths[1:], strict=True):
        if differing := int(np.count_nonzero(truth != truths[0])):
            raise InputRejected(
                "truth_differs", _TRUTH_DIFFERS, first=names[0], second=name, count=differing, n=len(truth)
            )


_FILE_OF = gettext_noop("file of %(run)s")
_NO_ID = gettext_noop(
    "%(run)s has no column used as row id, so its rows cannot be found in the other runs. Evaluate the file "
    "again and choose the column that names the rows."
)
_NOTHING_COMMON = gettext_noop(
    "The runs have no row in common: no id occurs in all of them. Compare runs of the same data."
)
_WEIGHTS_DIFFER = gettext_noop("The runs weigh their rows differently, so every row counts the same here.")
_POSITIVE_DIFFERS = gettext_noop(
    "%(first)s finds “%(positive)s” and %(second)s finds “%(other)s”. Compare runs with the same classes and "
    "the same positive one."
)
_TRUTH_DIFFERS = gettext_noop(
    "%(first)s and %(second)s were judged by different true values in %(count)s of %(n)s common rows. "
    "Compare runs that were judged by the same truth."
)
