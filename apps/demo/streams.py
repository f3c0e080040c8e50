"""Streams for monitors: the truth of a project beside what each watched model said, cut into windows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from apps.compute.monitoring.rhythm import Window
from apps.compute.roles import ColumnRole, Role
from apps.demo.story.records import Watched

ID, TIME, TARGET = "id", "timestamp", "y_true"


def stream_of(folder: Path, truth: str, models: Sequence[Watched]) -> pl.DataFrame:
    """One row for each row of the truth that every model has predicted, in the order of time.

    The columns of a model end in its part: ``prediction_champion``, ``probability_1_champion``.
    """
    frame = _read(folder / truth)
    for model in models:
        said = _read(folder / model.file)
        names = {
            name: f"{name.replace('y_pred', 'prediction').replace('proba_', 'probability_')}_{model.part}"
            for name in said.columns
            if name == "y_pred" or name.startswith("proba_")
        }
        frame = frame.join(said.select(ID, *names).rename(names), on=ID, how="inner")
    return frame.with_columns(pl.col(TIME).cast(pl.Datetime("us"))).sort(TIME, ID)


def shared_roles(slices: Sequence[str]) -> dict[str, ColumnRole]:
    """Uses of the columns that all models share."""
    roles = {
        ID: ColumnRole(Role.ID),
        TIME: ColumnRole(Role.TIMESTAMP),
        TARGET: ColumnRole(Role.TARGET),
    }
    return roles | {name: ColumnRole(Role.SLICE) for name in slices}


def roles_of(frame: pl.DataFrame, part: str) -> dict[str, ColumnRole]:
    """Uses of the columns of one model. A single probability is that of the positive class."""
    end = f"_{part}"
    said = [name for name in frame.columns if name.endswith(end)]
    chances = [name for name in said if name.startswith("probability_")]
    roles = {name: ColumnRole(Role.PREDICTION) for name in said if name not in chances}
    for name in chances:
        label = name.removeprefix("probability_").removesuffix(end)
        roles[name] = ColumnRole(Role.PROBABILITY, label if len(chances) > 1 else "")
    return roles


def rows_in(frame: pl.DataFrame, window: Window) -> pl.DataFrame:
    """The rows of one window; times of the stream are taken as UTC."""
    start, end = (moment.replace(tzinfo=None) for moment in (window.start, window.end))
    return frame.filter(pl.col(TIME).is_between(start, end, closed="left"))


def without_labels(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop(TARGET)


def labels_of(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(ID, TARGET)


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    return pl.read_csv(path, try_parse_dates=True)
