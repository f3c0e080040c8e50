"""Real sentences as a ranking: which sentences of one source and length are the friendly ones?"""

from __future__ import annotations

import polars as pl

from apps.compute.roles import ColumnRole, Role
from tests.golden import DATA

ROLES = {
    "id": ColumnRole(Role.ID),
    "query": ColumnRole(Role.QUERY),
    "y_true": ColumnRole(Role.TARGET),
    "score": ColumnRole(Role.PREDICTION),
    "source": ColumnRole(Role.SLICE),
}


def sentences(model: str) -> pl.DataFrame:
    """Queries are source x length x whether a negation occurs."""
    folder = DATA / "predictions" / "sentiment"
    frame = pl.read_csv(folder / "truth.csv").join(pl.read_csv(folder / f"pred_{model}.csv"), on="id")
    query = pl.concat_str("source", "length_band", pl.col("has_negation").cast(pl.String), separator=" ")
    return frame.select("id", query.alias("query"), "y_true", pl.col("proba_1").alias("score"), "source")


def judged_queries(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """The queries that can be judged, in the order of the file."""
    groups = frame.partition_by("query", maintain_order=True)
    return [group for group in groups if len(group) > 1 and group["y_true"].sum() > 0]
