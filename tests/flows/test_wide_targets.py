"""Single cells with 23,418 genes each, from the uploaded files to the answered protocol and its pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.models import Run
from apps.evaluations.pipeline import run_evaluation
from apps.evaluations.services import RunFields, submit_run
from apps.jobs.execution import execute
from tests.factories import make_project
from tests.flows.test_golden_protocols import answered, finished

CELLS, GENES = 40, 23_418
#: Bytes of a page: a table of 23,418 columns must not end up in one.
LARGEST_PAGE = 400_000


@pytest.fixture
def expected(tmp_path: Path) -> float:
    """Two files of the competition's width, with the cells in another order; NumPy's mean correlation."""
    rng = np.random.default_rng(7)
    truth = rng.normal(size=(CELLS, GENES)).astype(np.float32)
    predicted = truth + rng.normal(size=truth.shape).astype(np.float32)
    order = rng.permutation(CELLS)
    ids = pl.Series("cell_id", [f"cell_{number}" for number in range(CELLS)])
    genes = [f"gene_{number}" for number in range(GENES)]
    for name, rows in (("truth", np.arange(CELLS)), ("predictions", order)):
        values = {"truth": truth, "predictions": predicted}[name][rows]
        frame = pl.DataFrame(values, schema=genes).insert_column(0, ids[rows])
        frame.write_parquet(tmp_path / f"{name}.parquet")
    return float(np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(truth, predicted, strict=True)]))


@pytest.fixture
def run(expected: float, tmp_path: Path, transactional_db: None, no_worker: None) -> Run:
    project = make_project()
    truth = submit_file(
        project=project,
        user=project.created_by,
        upload=incoming_from_path(tmp_path / "truth.parquet"),
        purpose=DataFile.Purpose.TRUTH,
    )
    submitted = submit_run(
        project=project,
        user=project.created_by,
        upload=incoming_from_path(tmp_path / "predictions.parquet"),
        truth=truth,
        fields=RunFields(task="protocol"),
    )
    execute(str(submitted.run.job_id), run_evaluation)
    return finished(submitted.run)


@pytest.mark.slow
def test_all_genes_go_the_whole_way(run: Run, expected: float, client: Client) -> None:
    analysis = answered(run, protocol="rowwise_correlation")
    values = {metric["key"]: metric["value"] for metric in analysis.result["metrics"]}
    assert values["rowwise_pearson"] == pytest.approx(expected, abs=1e-6)
    client.force_login(run.created_by)
    where = [run.project.slug, run.number]
    ask = reverse("analysis:ask-protocol", args=where)
    for page in (
        reverse("evaluations:detail", args=where),
        reverse("analysis:overview", args=where),
        f"{ask}?protocol=rowwise_correlation",
        f"{ask}?protocol=multi_task",
        reverse("analysis:ask-slices", args=where),
        reverse("analysis:ask-fairness", args=where),
        reverse("analysis:protocol", args=[*where, analysis.pk]),
        reverse("analysis:saved-slices", args=where[:1]),
        reverse("drift:new", args=where[:1]),
        reverse("datasets:detail", args=[run.project.slug, run.file.pk]),
    ):
        shown = client.get(page)
        assert (page, shown.status_code) == (page, 200)
        assert len(shown.content) < LARGEST_PAGE, page
