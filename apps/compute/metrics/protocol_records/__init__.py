"""Records of the metrics that named protocols of evaluation under distribution shift give."""

from apps.compute.metrics.protocol_records import shifts, single_cell, wilds  # noqa: F401  they register
