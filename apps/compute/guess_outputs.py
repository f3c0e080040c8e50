"""Columns of several outputs: ``y_true_rain`` beside ``y_pred_rain``, and the same for other outputs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.compute.profile import ColumnProfile, Kind
from apps.compute.roles import ColumnRole, Role

_NAMED = re.compile(r"(y_true|y_pred)_(.+)", re.I)
FEWEST_OUTPUTS = 2


def output_roles(profiles: Sequence[ColumnProfile]) -> dict[str, ColumnRole]:
    """Targets and predictions labelled with their output; nothing unless there are two such pairs of
    columns that hold numbers or flags.
    """
    found: dict[str, dict[str, str]] = {"y_true": {}, "y_pred": {}}
    for profile in profiles:
        match = _NAMED.fullmatch(profile.name.strip())
        if match and (profile.is_number or profile.kind is Kind.BOOLEAN):
            found[match.group(1).lower()].setdefault(match.group(2), profile.name)
    targets, predictions = found.values()
    outputs = [output for output in targets if output in predictions]
    if len(outputs) < FEWEST_OUTPUTS:
        return {}
    roles = {targets[output]: ColumnRole(Role.TARGET, output) for output in outputs}
    return roles | {predictions[output]: ColumnRole(Role.PREDICTION, output) for output in outputs}
