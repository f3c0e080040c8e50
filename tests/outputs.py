"""Real files with several outputs per row: people in a room as labels, days as 24 hourly rentals."""

from __future__ import annotations

import polars as pl

from apps.compute.roles import ColumnRole, Role
from tests.golden import DATA

LABELS = ("anyone", "company", "crowd")
LABEL_ROLES = {
    "id": ColumnRole(Role.ID),
    "timestamp": ColumnRole(Role.TIMESTAMP),
    "window": ColumnRole(Role.SLICE),
    **{f"y_true_{name}": ColumnRole(Role.TARGET, name) for name in LABELS},
    **{f"y_pred_{name}": ColumnRole(Role.PREDICTION, name) for name in LABELS},
    **{f"y_proba_{name}": ColumnRole(Role.PROBABILITY, name) for name in LABELS},
}


def room(model: str = "lr") -> pl.DataFrame:
    """Whether one, two or three people or more are in the room."""
    folder = DATA / "predictions" / "room_occupancy"
    truth = pl.read_csv(folder / "truth.csv.gz").select("id", "timestamp", "window", "y_true")
    frame = truth.join(pl.read_csv(folder / f"pred_{model}.csv.gz"), on="id")
    columns = ["id", "timestamp", "window"]
    for least, name in enumerate(LABELS, 1):
        chance = pl.sum_horizontal(f"proba_{k}" for k in range(least, 4)).clip(0, 1)
        columns += [
            (pl.col("y_true") >= least).cast(pl.Int8).alias(f"y_true_{name}"),
            (pl.col("y_pred") >= least).cast(pl.Int8).alias(f"y_pred_{name}"),
            chance.alias(f"y_proba_{name}"),
        ]
    return frame.select(columns)


def days() -> tuple[pl.DataFrame, dict[str, ColumnRole]]:
    """200 days with their 24 hours as outputs, as the single-cell fixture has them, and the roles."""
    folder = DATA / "golden_official" / "single_cell" / "rowwise_pearson_bike_days"
    truth, predicted = (pl.read_csv(folder / f"{name}.csv") for name in ("truth", "prediction"))
    hours = truth.columns[1:]
    frame = truth.rename({hour: f"y_true_{hour}" for hour in hours}).join(
        predicted.rename({hour: f"y_pred_{hour}" for hour in hours}), on="cell_id"
    )
    roles = {"cell_id": ColumnRole(Role.ID)}
    roles |= {f"y_true_{hour}": ColumnRole(Role.TARGET, hour) for hour in hours}
    return frame, roles | {f"y_pred_{hour}": ColumnRole(Role.PREDICTION, hour) for hour in hours}
