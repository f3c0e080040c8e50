"""Real hours of bike rentals as forecasts: each midnight the 24 hours of the day are forecast."""

from __future__ import annotations

import polars as pl

from apps.compute.roles import ColumnRole, Role
from tests.golden import DATA

ROLES = {
    "id": ColumnRole(Role.ID),
    "day": ColumnRole(Role.TIMESTAMP),
    "series": ColumnRole(Role.SERIES),
    "steps": ColumnRole(Role.HORIZON),
    "naive": ColumnRole(Role.SCALE),
    "y_true": ColumnRole(Role.TARGET),
    "y_pred": ColumnRole(Role.PREDICTION),
    "low": ColumnRole(Role.INTERVAL_LOW),
    "high": ColumnRole(Role.INTERVAL_HIGH),
}


def hours(model: str = "hgb") -> pl.DataFrame:
    """2012 as forecast by ``model``; a series is an hour of the day, its scale the mean change from day to
    day in 2011.
    """
    folder = DATA / "predictions" / "bike"
    known = pl.read_parquet(folder / "combined_hgb.parquet").drop("y_pred")
    frame = known.join(pl.read_csv(folder / f"pred_{model}.csv.gz").select("id", "y_pred"), on="id").select(
        "id",
        "window",
        "y_true",
        "y_pred",
        pl.col("timestamp").dt.truncate("1d").alias("day"),
        pl.concat_str(pl.lit("hour "), "hr").alias("series"),
        (pl.col("hr") + 1).alias("steps"),
        (pl.col("y_pred") - 1.96 * pl.col("y_std")).alias("low"),
        (pl.col("y_pred") + 1.96 * pl.col("y_std")).alias("high"),
    )
    history = frame.filter(pl.col("window") == "reference_2011").sort("series", "day")
    scale = history.group_by("series").agg(pl.col("y_true").diff().abs().mean().alias("naive"))
    return frame.filter(pl.col("window") == "current_2012").join(scale, on="series").sort("id")
