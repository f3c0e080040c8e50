"""The columns of a file with several outputs: each output has a truth, a prediction, perhaps a
probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.compute.inputs import Inputs, names
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import Role
from apps.compute.uncertainty import Floats

#: Above this many outputs a protocol for wide targets is the way.
MOST_OUTPUTS = 500


@dataclass(frozen=True, slots=True)
class Outputs:
    """``names`` in the order of the target columns; the tuples hold one column each, empty where the file
    has none of that use.
    """

    names: tuple[str, ...]
    targets: tuple[str, ...]
    predictions: tuple[str, ...]
    probabilities: tuple[str, ...]


def find_outputs(inputs: Inputs, *, probabilities: bool) -> Outputs:
    """The outputs of a file; ``probabilities`` says whether those may stand in for predictions.

    InputRejected: a target without a name, one output only or more than `MOST_OUTPUTS`, a target without
    prediction, a prediction without target.
    """
    targets = inputs.columns(Role.TARGET)
    unnamed = [column for column in targets if not inputs.label(column).strip()]
    if unnamed:
        raise InputRejected("unnamed_output", _UNNAMED, column=unnamed[0])
    outputs = {inputs.label(column): column for column in targets}
    if len(outputs) < 2:
        raise InputRejected("one_output", _ONE, column=targets[0])
    if len(outputs) > MOST_OUTPUTS:
        raise InputRejected("too_many_outputs", _MANY, count=len(outputs), most=MOST_OUTPUTS)
    predictions = _by_output(inputs, Role.PREDICTION, outputs)
    chances = _by_output(inputs, Role.PROBABILITY, outputs) if probabilities else {}
    if not predictions and not chances:
        raise InputRejected("missing_role", _NO_PREDICTIONS)
    for given in (predictions, chances):
        missing = [name for name in outputs if name not in given]
        if given and missing:
            text = _NO_PREDICTION if given is predictions else _NO_PROBABILITY
            raise InputRejected(
                "output_without_prediction",
                text,
                column=outputs[missing[0]],
                output=missing[0],
                count=len(missing),
            )
    return Outputs(
        tuple(outputs),
        tuple(outputs.values()),
        tuple(predictions[name] for name in outputs if predictions),
        tuple(chances[name] for name in outputs if chances),
    )


def _by_output(inputs: Inputs, role: Role, outputs: dict[str, str]) -> dict[str, str]:
    given = {inputs.label(column): column for column in inputs.columns(role)}
    strange = [name for name in given if name not in outputs]
    if strange:
        raise InputRejected(
            "output_without_target",
            _NO_TARGET,
            column=given[strange[0]],
            output=strange[0],
            outputs=names(list(outputs)),
        )
    return given


def read_truth(inputs: Inputs, outputs: Outputs) -> tuple[Floats, NDArray[np.bool_]]:
    """Truth, 0 where it is not known, and which cells are known: both (outputs, n).

    InputRejected: no numbers, infinity, an output that is empty in every row.
    """
    truth = np.stack([inputs.numbers(column, gaps=True) for column in outputs.targets])
    known = ~np.isnan(truth)
    empty = np.flatnonzero(~known.any(axis=1))
    if len(empty):
        place = int(empty[0])
        raise InputRejected(
            "empty_output", _EMPTY, column=outputs.targets[place], output=outputs.names[place]
        )
    truth[~known] = 0.0
    return truth, known


def gap_notes(outputs: Outputs, known: NDArray[np.bool_]) -> list[Message]:
    """What is told of single truths that are missing; ``known`` has shape (outputs, n)."""
    gaps = int(known.size - np.count_nonzero(known))
    if not gaps:
        return []
    incomplete = [name for name, cells in zip(outputs.names, known, strict=True) if not cells.all()]
    rows = int(np.count_nonzero(~known.all(axis=0)))
    return [Message(_GAPS, {"count": gaps, "rows": rows, "outputs": names(incomplete)})]


def check_outputs(runs: Sequence[Message | str], outputs: Sequence[tuple[str, ...]]) -> None:
    """InputRejected when two runs do not have the same outputs in the same order."""
    for name, own in zip(runs[1:], outputs[1:], strict=True):
        if own != outputs[0]:
            apart = sorted(set(own) ^ set(outputs[0])) or list(own)
            raise InputRejected(
                "outputs_differ", _OUTPUTS_DIFFER, first=runs[0], second=name, outputs=names(apart)
            )


_GAPS = gettext_noop(
    "%(count)s true values of single outputs are missing in %(rows)s rows (%(outputs)s). Each is left out by "
    "itself: its output is judged by the other rows, and its row by the other outputs."
)
_OUTPUTS_DIFFER = gettext_noop(
    "%(first)s and %(second)s do not have the same outputs in the same order: %(outputs)s. Compare runs with "
    "the same outputs."
)
_UNNAMED = gettext_noop(
    "The target column %(column)s does not say which output it is. Give each target, and the prediction that "
    "belongs to it, the name of the output as label."
)
_ONE = gettext_noop(
    "Only the column %(column)s is a target. Several outputs need two targets or more; with one, choose "
    "another task."
)
_MANY = gettext_noop(
    "The file has %(count)s outputs, and more than %(most)s are not shown one by one. Judge them by a "
    "protocol for wide targets."
)
_NO_PREDICTIONS = gettext_noop(
    "No column has the role of the prediction. Choose a column with the model's output for each target, and "
    "label it with the same name."
)
_NO_PREDICTION = gettext_noop(
    "The output “%(output)s” has a target but no prediction (%(count)s such outputs). Give the column with "
    "its prediction the same name, or leave the target %(column)s out."
)
_NO_PROBABILITY = gettext_noop(
    "The output “%(output)s” has a target but no probability (%(count)s such outputs), while other outputs "
    "have one. Give a probability for each output or for none."
)
_NO_TARGET = gettext_noop(
    "The column %(column)s predicts the output “%(output)s”, which has no target. The targets are: "
    "%(outputs)s. Correct the name, or leave the column out."
)
_EMPTY = gettext_noop(
    "The target column %(column)s of the output “%(output)s” is empty in every row. Leave the output out, or "
    "upload its true values."
)
