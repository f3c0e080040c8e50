"""A run judged by a named protocol."""

from __future__ import annotations

from apps.analysis.pipeline import Measured, Outcome, Work
from apps.analysis.protocol_metrics import kept_metrics
from apps.compute.protocols import PROTOCOLS, Tables, judge


def judge_run(work: Work) -> Outcome:
    """The result is a `ProtocolResult`; requirements can ask for its metrics."""
    run, table = work.run, work.table
    params = dict(work.params)
    protocol = PROTOCOLS[params.pop("protocol")]
    tables = Tables(
        joined=table.path,
        predictions=table.sources[run.file].path,
        truth=None if run.truth is None else table.sources[run.truth].path,
    )
    # The rows of wide files are found by the ids of the predictions, which no join has replaced.
    roles = table.said if protocol.is_wide else table.roles
    result = judge(protocol.key, tables, params, roles=roles, seed=run.seed, progress=work.progress)
    measured = [Measured(kept.result, kept.column, kept.value) for kept in kept_metrics(result, run)]
    return Outcome(result.to_json(), measured=measured)
