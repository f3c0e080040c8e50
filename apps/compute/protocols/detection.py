"""Accuracy of detected boxes, as GlobalWheat in WILDS defines it."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.resampling import block_sums, deal, interval, ratio_min, resample
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import Table
from apps.compute.uncertainty import Floats, mean_and_variance, normal_interval

MOST_BOXES = 10_000


def judge(given: Given) -> ProtocolResult:
    """Accuracy by image, averaged over images, over groups, and in the worst group. Images are the units.

    A group's own interval is normal on its images. InputRejected: a cell that is no list of boxes, one group,
    images of no group.
    """
    iou, least = given.number("iou"), given.number("least_score")
    truths, predictions = given.series("truth"), given.series("prediction")
    accuracy = np.empty(given.frame.height)
    for place, (true, predicted) in enumerate(zip(truths, predictions, strict=True)):
        row = given.inputs.row(place)
        accuracy[place] = image_accuracy(
            boxes(true, 4, truths.name, row), boxes(predicted, 5, predictions.name, row), iou, least
        )
    groups = given.groups()
    k, n = len(groups.names), groups.sizes.astype(np.float64)
    sums = np.bincount(groups.codes, accuracy, k)
    means = sums / n
    block = deal(len(accuracy), given.rng)
    drawn = resample(
        np.concatenate(
            [block_sums(block, groups.codes, k, accuracy), block_sums(block, groups.codes, k)], axis=1
        ),
        given.rng,
    )
    found, count = drawn[:, :k], drawn[:, k:]
    with np.errstate(divide="ignore", invalid="ignore"):
        by_group = np.where(count > 0, found / count, 0.0)
        group_mean = by_group.sum(axis=1) / (count > 0).sum(axis=1)
    samples = {
        "detection_accuracy": (float(accuracy.mean()), found.sum(axis=1) / count.sum(axis=1)),
        "group_mean_detection_accuracy": (float(means.mean()), group_mean),
        "worst_group_detection_accuracy": (float(means.min()), ratio_min(found, count)),
    }
    metrics = [
        bounded(key, value, *interval(each, value), len(accuracy), "bootstrap")
        for key, (value, each) in samples.items()
    ]
    bounds = [_mean_bounds(accuracy[groups.codes == code]) for code in range(min(k, MOST_GROUPS))]
    order = [i for i in np.argsort(means, kind="stable") if i < MOST_GROUPS]
    table = Table(
        {
            "group": [groups.names[i] for i in order],
            "n": [int(n[i]) for i in order],
            "accuracy": [float(means[i]) for i in order],
            "accuracy_low": [bounds[i][0] for i in order],
            "accuracy_high": [bounds[i][1] for i in order],
        }
    )
    units = Table({
        "unit": [given.inputs.row(i) for i in range(min(len(accuracy), MOST_GROUPS))],
        "accuracy": accuracy[:MOST_GROUPS].tolist(),
    })  # fmt: skip
    return given.result(len(accuracy), metrics, {"groups": table, "units": units})


def image_accuracy(true: Floats, predicted: Floats, iou: float, least: float) -> float:
    """TP / (TP + FP + FN) of one image; ``true`` (m, 4) and ``predicted`` (p, 5) with a score.

    Boxes with a score above ``least`` go to the true box that they overlap most, if by at least ``iou``. A
    second box on the same true box is false. Without true boxes: 1 if nothing is predicted, else 0.
    """
    predicted = predicted[predicted[:, 4] > least, :4]
    if not len(true):
        return float(len(predicted) == 0)
    if not len(predicted):
        return 0.0
    low = np.maximum(true[:, None, :2], predicted[None, :, :2])
    high = np.minimum(true[:, None, 2:], predicted[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(each[:, 2:4] - each[:, :2]).prod(axis=1) for each in (true, predicted)]
    with np.errstate(divide="ignore", invalid="ignore"):
        overlap = np.nan_to_num(shared / (areas[0][:, None] + areas[1][None, :] - shared))
    best = overlap.argmax(axis=0)
    hits = len(np.unique(best[overlap.max(axis=0) >= iou]))
    return hits / (len(predicted) + len(true) - hits)


def boxes(cell: object, numbers: int, column: str, row: int) -> Floats:
    """Shape (boxes, ``numbers``) of a cell: JSON text, or a list of lists. InputRejected names the row."""
    found: object = cell
    if isinstance(cell, str):
        try:
            found = json.loads(cell)
        except ValueError:
            found = None
    if isinstance(found, pl.Series):
        found = [each.to_list() if isinstance(each, pl.Series) else each for each in found.to_list()]
    try:
        array = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if isinstance(found, list) and not found:
        return np.empty((0, numbers))
    if (
        array.ndim != 2
        or array.shape[1] != numbers
        or len(array) > MOST_BOXES
        or not np.isfinite(array).all()
    ):
        shape = Message(_TRUE if numbers == 4 else _PREDICTED)
        raise InputRejected("no_boxes", _NO_BOXES, column=column, row=row, value=str(cell)[:60], shape=shape)
    turned = (array[:, 2:4] < array[:, :2]).any(axis=1)
    if turned.any():
        raise InputRejected("turned_box", _TURNED, column=column, row=row, box=int(np.argmax(turned)) + 1)
    return array


def _mean_bounds(values: NDArray[np.float64]) -> tuple[float | None, float | None]:
    if len(values) < 2:
        return None, None
    low, high = normal_interval(*mean_and_variance(values))
    return max(float(low), 0.0), min(float(high), 1.0)


_TRUE = gettext_noop("[[left, top, right, bottom], …]")
_PREDICTED = gettext_noop("[[left, top, right, bottom, score], …]")
_NO_BOXES = gettext_noop(
    "Row %(row)s of the column %(column)s has “%(value)s”, which is no list of boxes. Write it as JSON: "
    "%(shape)s, or [] for no box."
)
_TURNED = gettext_noop(
    "Box %(box)s in row %(row)s of the column %(column)s ends before it begins. Write left, top, right, "
    "bottom."
)
