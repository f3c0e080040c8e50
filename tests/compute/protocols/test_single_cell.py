"""The single-cell protocol equals the rule of 2022 and the definitions of 2021 on its fixtures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from apps.compute.protocols import ProtocolResult, Tables, judge, rowwise
from apps.compute.roles import ColumnRole, Role
from tests.compute.protocols.golden import Golden, check_figures

ROLES = {"cell_id": ColumnRole(Role.ID)}


def judged(golden: Golden, where: Path, seed: int | None) -> ProtocolResult:
    """Truth and prediction as files of their own; with ``seed`` the predictions in another order."""
    paths = []
    for name in ("prediction", "truth"):
        frame = pl.read_csv(golden.folder / f"{name}.csv")
        if seed is not None and name == "prediction":
            frame = frame.sample(fraction=1, shuffle=True, seed=seed)
        paths.append(where / f"{name}.parquet")
        frame.write_parquet(paths[-1])
    return judge("rowwise_correlation", Tables(paths[1], *paths), {}, roles=ROLES)


@pytest.mark.parametrize("name", ["rowwise_pearson_bike_days", "tiny_TOY"])
@pytest.mark.parametrize("chunk", [rowwise.CHUNK, 600])
def test_definitions(name: str, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rowwise, "CHUNK", chunk)  # a few columns at a time give the same numbers
    golden = Golden(f"single_cell/{name}", 1e-9)
    result = judged(golden, tmp_path, None if chunk > 600 else 3)
    official = "official_results"
    golden.equal(f"{official}/kaggle_2022_score", result.metric("rowwise_pearson").value)
    golden.equal(f"{official}/n_rows", result.n)
    (note,) = result.notes
    golden.equal(f"{official}/n_constant_prediction_rows", note.params["count"])
    rows = np.array(result.tables["units"].columns["pearson"])
    for place, value in enumerate(rows[:10]):
        golden.equal(f"{official}/per_row_first10/{place}", value)
    constant = pl.read_csv(golden.folder / "prediction.csv").drop("cell_id").to_numpy()
    varying = np.ptp(constant, axis=1) > 0
    golden.equal(f"{official}/competitor_code_score_without_constant_rows", rows[varying].mean())
    theirs = "neurips_2021_definition_scipy"
    for kind in ("pearson", "spearman"):
        golden.equal(f"{theirs}/mean_{kind}_per_cell", result.metric(f"cell_{kind}").value)
        golden.equal(f"{theirs}/mean_{kind}_per_gene", result.metric(f"gene_{kind}").value)
        golden.equal(f"{theirs}/overall_{kind}", result.metric(f"overall_{kind}").value)
    golden.equal(f"{theirs}/rmse", result.metric("rmse").value)
    golden.equal(f"{theirs}/mae", result.metric("mae").value)
    golden.done()
    check_figures(result)
