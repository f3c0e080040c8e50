"""From label and probability columns to the arrays that classification metrics take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute import labels
from apps.compute.inputs import Inputs, names
from apps.compute.labels import Codes
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.multiclass import Multiclass, prepare, row_sums
from apps.compute.roles import Role
from apps.compute.uncertainty import Floats

#: A target with more classes than this is taken for a mistake, such as an id.
MOST_CLASSES = 2_000
#: How far the probabilities of a row may be from summing to 1.
SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Labels:
    """Canonical labels of a file. ``truth``, ``predicted`` and ``named`` are the distinct ones in the
    target, the prediction and on the probability columns (``probability``: column -> label, '' for the
    column of "the" positive class). ``texts`` maps values to labels, per column.
    """

    target: str
    prediction: str | None
    texts: dict[str, dict[object, str]]
    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    probability: dict[str, str]

    @property
    def seen(self) -> tuple[str, ...]:
        return labels.order({*self.truth, *self.predicted})

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(label for label in self.probability.values() if label)


@dataclass(frozen=True, slots=True)
class Binary:
    """Arrays for the binary metrics; ``classes`` is (negative, positive)."""

    classes: tuple[str, str]
    truth: NDArray[np.bool_]
    probability: Floats | None
    predicted: NDArray[np.bool_] | None
    notes: tuple[Message, ...]


def read_labels(inputs: Inputs) -> Labels:
    """The distinct labels of the file, in canonical form.

    InputRejected: neither prediction nor probability, too many classes, a class with two probability
    columns.
    """
    target, prediction = inputs.columns(Role.TARGET)[0], inputs.column(Role.PREDICTION)
    probability = {c: labels.canonical(inputs.label(c)) for c in inputs.columns(Role.PROBABILITY)}
    if prediction is None and not probability:
        raise InputRejected("missing_role", _NO_PREDICTION)
    texts = {}
    for column in (target, prediction):
        if column is not None:
            texts[column] = labels.distinct(inputs.frame.get_column(column))
            if len(texts[column]) > MOST_CLASSES:
                params: dict[str, Any] = {"count": len(texts[column]), "most": MOST_CLASSES}
                raise InputRejected("too_many_classes", _TOO_MANY, column=column, **params)
    same = labels.unite([*(t.values() for t in texts.values()), [p for p in probability.values() if p]])
    for column, mapped in texts.items():
        texts[column] = {value: same.get(text, text) for value, text in mapped.items()}
    probability = {column: same.get(text, text) for column, text in probability.items()}
    doubled = [label for label in probability.values() if list(probability.values()).count(label) > 1]
    if doubled:
        columns = [c for c, label in probability.items() if label == doubled[0]]
        raise InputRejected(
            "doubled_class", _DOUBLED_CLASS, column=columns[1], label=doubled[0], columns=names(columns)
        )
    predicted = labels.order(set(texts[prediction].values()) - {""}) if prediction else ()
    truth = labels.order(set(texts[target].values()) - {""})
    return Labels(target, prediction, texts, truth, predicted, probability)


def _codes(inputs: Inputs, found: Labels, column: str, classes: tuple[str, ...]) -> Codes:
    codes = labels.encode(inputs.frame.get_column(column), found.texts[column], classes)
    missing = codes < 0
    if missing.any():
        raise InputRejected("missing_value", _MISSING_LABEL, column=column, **inputs.first(missing))
    return codes


def multiclass(inputs: Inputs, found: Labels, weight: Floats | None) -> tuple[Multiclass, list[Message]]:
    """Arrays of a run with any number of classes. The classes are all that occur in the truth, in the
    predictions or on a probability column; a class without a column has the probability 0.
    """
    if "" in found.probability.values():
        column = next(column for column, label in found.probability.items() if not label)
        raise InputRejected("probability_without_class", _NO_CLASS, column=column)
    notes = _compare_labels(found)
    classes = labels.order({*found.seen, *found.named})
    probability = _probability_matrix(inputs, found, classes) if found.probability else None
    truth = _codes(inputs, found, found.target, classes)
    if found.prediction is not None:
        predicted = _codes(inputs, found, found.prediction, classes)
    else:
        predicted = np.argmax(probability, axis=0).astype(np.int32) if probability is not None else truth
    return prepare(classes, truth, predicted, weight, probability), notes


def _compare_labels(found: Labels) -> list[Message]:
    """Judge labels that are not everywhere."""
    notes = []
    unseen = [label for label in found.predicted if label not in found.truth]
    if unseen:
        notes.append(Message(_UNSEEN, {"classes": names(unseen), "column": found.target}))
    if not found.probability:
        return notes
    strange = [label for label in found.named if label not in found.seen]
    without = [label for label in found.truth if label not in found.named]
    if strange and without:
        columns = [column for column, label in found.probability.items() if label in strange]
        params: dict[str, Any] = {
            "labels": names(strange),
            "classes": names(found.truth),
            "without": names(without),
        }
        raise InputRejected("unknown_class", _STRANGE, column=columns[0], **params)
    if strange:
        notes.append(Message(_NEVER, {"classes": names(strange)}))
    if without:
        notes.append(Message(_WITHOUT, {"classes": names(without)}))
    return notes


def _probability_matrix(inputs: Inputs, found: Labels, classes: tuple[str, ...]) -> Floats:
    """Shape (classes, n), each row of the file summing to 1 within the tolerance.

    Single precision cannot hold a row that sums to 1, so such files are scaled in double precision.
    """
    matrix = np.zeros((len(classes), inputs.frame.height))
    for column, label in found.probability.items():
        matrix[classes.index(label)] = inputs.probabilities(column)
    total = _check_sum(inputs, found, matrix)
    if any(inputs.frame.schema[column] == pl.Float32 for column in found.probability):
        matrix /= total
    return matrix


def _check_sum(inputs: Inputs, found: Labels, matrix: Floats) -> Floats:
    total = row_sums(matrix)
    faulty = np.abs(total - 1) > SUM_TOLERANCE
    if faulty.any():
        column = next(iter(found.probability))
        value = float(total[int(np.argmax(faulty))])
        without = [label for label in found.truth if label not in found.named]
        text = _SUM_WITHOUT if without else _SUM
        params: dict[str, Any] = {
            "sum": f"{value:.6g}",
            "classes": names(without or found.named),
            **inputs.first(faulty),
        }
        raise InputRejected("probability_sum", text, column=column, **params)
    return total


def binary(inputs: Inputs, found: Labels, positive: str | None) -> Binary:
    """Arrays of a run with two classes.

    InputRejected: more than two classes, a positive class or a probability column of neither.
    """
    classes, notes = _two_classes(found, positive)
    truth = _codes(inputs, found, found.target, classes) == 1
    predicted = None
    if found.prediction is not None:
        predicted = _codes(inputs, found, found.prediction, classes) == 1
    return Binary(classes, truth, _positive_probability(inputs, found, classes), predicted, tuple(notes))


def _two_classes(found: Labels, wanted: str | None) -> tuple[tuple[str, str], list[Message]]:
    """(negative, positive): the positive one is the wanted, or else the one whose probability the only
    probability column gives, or else the one that its name shows to be, or else the last in order.
    """
    seen, column = found.seen, next(iter(found.probability), None)
    strange = [label for label in found.named if label not in seen]
    if len(seen) > 2:
        unseen = [label for label in found.predicted if label not in found.truth]
        text, shown = (_THIRD_PREDICTED, unseen) if len(found.truth) <= 2 else (_MORE_THAN_TWO, list(seen))
        at = found.prediction if shown is unseen else found.target
        raise InputRejected("more_than_two_classes", text, column=at, classes=names(shown), count=len(seen))
    if len({*seen, *strange}) > 2:
        params: dict[str, Any] = {"labels": names(strange), "classes": names(seen), "without": names(seen)}
        raise InputRejected("unknown_class", _STRANGE, column=column, **params)
    both = labels.order({*seen, *strange})
    wanted = None if wanted is None else labels.canonical(wanted)
    if len(both) == 1:
        other = wanted if wanted and wanted not in both else labels.opposite(both[0])
        both = labels.order({both[0], other})
    if wanted is not None and wanted not in both:
        # The one who names the class need not know that true and false became 1 and 0.
        wanted = labels.unite([[wanted], both]).get(wanted, wanted)
        if wanted not in both:
            raise InputRejected("unknown_positive", _NO_SUCH_POSITIVE, positive=wanted, classes=names(both))
    lone = found.named[0] if len(found.probability) == 1 and found.named else None
    positive = wanted or lone or labels.positive_of(both)
    notes = []
    if positive is None:
        positive = both[-1]
        notes.append(Message(_CHOSEN_POSITIVE, {"positive": positive}))
    negative = both[0] if both[1] == positive else both[1]
    return (negative, positive), notes


def _positive_probability(inputs: Inputs, found: Labels, classes: tuple[str, str]) -> Floats | None:
    """Probability of the positive class; from the negative one's column where that is all there is."""
    columns = {label or classes[1]: column for column, label in found.probability.items()}
    if not columns:
        return None
    values = {label: inputs.probabilities(column) for label, column in columns.items()}
    if len(values) == 2:
        _check_sum(inputs, found, np.stack(list(values.values())))
    return values[classes[1]] if classes[1] in values else 1 - values[classes[0]]


_NO_PREDICTION = gettext_noop(
    "No column has the role of a prediction or a probability. Choose the column with the model's output."
)
_TOO_MANY = gettext_noop(
    "The column %(column)s has %(count)s distinct values, more than the %(most)s classes that can be "
    "judged. Choose another column, or regression as the task."
)
_DOUBLED_CLASS = gettext_noop(
    "The columns %(columns)s are all said to hold the probability of the class “%(label)s”. Give each class "
    "one column."
)
_MISSING_LABEL = gettext_noop(
    "The column %(column)s has no label in row %(row)s (%(count)s such rows). Fill the labels in or leave "
    "these rows out of the file."
)
_NO_CLASS = gettext_noop("Say which class the probabilities in column %(column)s are for.")
_UNSEEN = gettext_noop(
    "The predictions have classes that the target column %(column)s does not have: %(classes)s. They count "
    "as classes."
)
_STRANGE = gettext_noop(
    "There are probability columns for %(labels)s, but the target has the classes %(classes)s, and there is "
    "no probability for %(without)s. Say which class each probability column is for."
)
_NEVER = gettext_noop("Classes that have probabilities but no row in truth or prediction: %(classes)s.")
_WITHOUT = gettext_noop("Classes without a probability column, taken as probability 0: %(classes)s.")
_SUM = gettext_noop(
    "The probabilities of a row must sum to 1, but those of row %(row)s sum to %(sum)s (%(count)s rows). "
    "Check that every class (%(classes)s) has its column and that scores were turned into probabilities."
)
_SUM_WITHOUT = gettext_noop(
    "The probabilities of a row must sum to 1, but those of row %(row)s sum to %(sum)s (%(count)s rows). "
    "No column gives the probability of %(classes)s. Add it, or take the role from the other columns."
)
_THIRD_PREDICTED = gettext_noop(
    "The prediction column %(column)s has classes that the target does not have: %(classes)s. A binary "
    "evaluation needs two classes. Correct the labels, or choose multiclass as the task."
)
_MORE_THAN_TWO = gettext_noop(
    "There are %(count)s classes in the file (%(classes)s). A binary evaluation needs two. Choose multiclass "
    "as the task, or another target column."
)
_NO_SUCH_POSITIVE = gettext_noop(
    "The positive class “%(positive)s” is not in the file. Name one of its classes: %(classes)s."
)
_CHOSEN_POSITIVE = gettext_noop(
    "No positive class was named and none is plain from the labels, so “%(positive)s” was taken. Name the "
    "positive class if it is the other one."
)
