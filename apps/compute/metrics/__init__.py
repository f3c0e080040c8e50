"""Metrics of each task. Importing this package fills `registry.METRICS`."""

from apps.compute.metrics import (  # noqa: F401  (they register their records)
    classification,
    count_records,
    fairness_records,
    forecast_records,
    latency,
    multiclass_records,
    multilabel_records,
    multioutput_records,
    probabilistic_records,
    protocol_records,
    query_records,
    regression_records,
)
from apps.compute.metrics.binary import records  # noqa: F401
