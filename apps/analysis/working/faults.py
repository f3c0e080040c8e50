"""The search for faults of the data."""

from __future__ import annotations

from apps.analysis.pipeline import Outcome, Work
from apps.compute.evaluation import EvaluationSpec
from apps.compute.faults.find import find_faults
from apps.compute.results import Task


def find(work: Work) -> Outcome:
    """The result is a `FaultsResult`; the rows are the suspects, the most suspicious first."""
    run = work.run
    spec = EvaluationSpec(
        work.table.roles, Task(run.task), run.positive or None, run.threshold, seed=run.seed
    )
    found, suspects = find_faults(work.table.path, spec, work.progress, metric=work.params["metric"] or None)
    path = work.folder / "suspects.parquet"
    suspects.write_parquet(path)
    return Outcome(found.to_json(), path, len(suspects))
