"""Masks of lesions in scans, as the MS lesion task of Shifts 2.0 defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import Table
from apps.compute.uncertainty import Floats, mean_and_variance, normal_interval

Mask = NDArray[np.bool_]

MOST_VOXELS = 200_000_000
#: Share of true voxels that the normalised Dice takes as given.
REFERENCE = 0.001
#: Shares of voxels that are kept, finer towards all of them.
FRACTIONS = np.log(np.arange(1, 201)) / np.log(200)
_KEYS = ("normalized_dice", "dice", "lesion_f1", "ndsc_retention_error")


def judge(given: Given) -> ProtocolResult:
    """Each number by scan, averaged. Scans are the units: one scan alone has no interval.

    InputRejected: coordinates that are no whole numbers, a voxel given twice, a mask that is not 0 and 1.
    """
    places = given.columns("coordinates")
    if (faulty := (places != np.round(places)).any(axis=0)).any():
        raise InputRejected(
            "not_whole", _NOT_WHOLE, row=given.inputs.row(int(np.argmax(faulty))), count=int(faulty.sum())
        )
    truth, predicted = (given.flags(given.params[part]) for part in ("truth", "prediction"))
    uncertainty = given.numbers("uncertainty")
    scans = given.groups("scan", least=1) if given.name("scan") else None
    codes = np.zeros(len(truth), np.int32) if scans is None else scans.codes
    names = ("",) if scans is None else scans.names
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    curves = np.empty((len(rows), len(FRACTIONS)))
    values = np.empty((len(rows), len(_KEYS)))
    for place, (name, part) in enumerate(zip(names, rows, strict=True)):
        true, guess = truth[part], predicted[part]
        curves[place] = retained_dice(true, guess, uncertainty[part])
        spots = _volume(places[:, part].astype(np.int64), name, true, guess)
        values[place] = (
            normalized_dice(true, guess),
            dice(true, guess),
            lesion_f1(spots[0], spots[1], given.number("iou")),
            1 - np.trapezoid(curves[place], FRACTIONS),
        )
    n = len(rows)
    metrics = []
    for place, key in enumerate(_KEYS):
        mean, variance = mean_and_variance(values[:, place])
        low, high = normal_interval(mean, variance)
        metrics.append(bounded(key, mean, np.maximum(low, 0), np.minimum(high, 1), n, "normal"))
    drawn = {
        "retention": Table({"retained": FRACTIONS.tolist(), "normalized_dice": curves.mean(axis=0).tolist()}),
        "units": Table(
            {
                "unit": [name or "1" for name in names[:MOST_GROUPS]],
                "n": [len(part) for part in rows[:MOST_GROUPS]],
                **{key: values[:MOST_GROUPS, place].tolist() for place, key in enumerate(_KEYS)},
            }
        ),
    }
    return given.result(n, metrics, drawn)


def dice(truth: Mask, predicted: Mask) -> float:
    """2 TP / (predicted + true); 1 if both masks are empty."""
    both = int(truth.sum()) + int(predicted.sum())
    return 2 * int((truth & predicted).sum()) / both if both else 1.0


def normalized_dice(truth: Mask, predicted: Mask) -> float:
    """Dice with false positives scaled as if `REFERENCE` of the voxels were true (Raina et al. 2022)."""
    return float(
        _normalized(
            np.array((truth & predicted).sum()),
            np.array((predicted & ~truth).sum()),
            np.array((truth & ~predicted).sum()),
            _scale(truth),
        )
    )


def retained_dice(truth: Mask, predicted: Mask, uncertainty: Floats) -> Floats:
    """Shape (200,): normalised Dice when the int(n f) most certain voxels keep their prediction and the rest
    gets the truth, for f in `FRACTIONS`.
    """
    order = np.argsort(uncertainty, kind="stable")
    true, guess = truth[order], predicted[order]
    kept = (len(true) * FRACTIONS).astype(np.int64)
    right, false, missed = (
        np.append(0, np.cumsum(each))[kept] for each in (true & guess, guess & ~true, true & ~guess)
    )
    beyond = int(true.sum()) - np.append(0, np.cumsum(true))[kept]
    return _normalized(right + beyond, false, missed, _scale(truth))


def _scale(truth: Mask) -> float:
    true = int(truth.sum())
    if not true or true == len(truth):
        return 1.0
    return (1 - REFERENCE) * true / (REFERENCE * (len(truth) - true))


def _normalized(
    right: NDArray[np.int64], false: NDArray[np.int64], missed: NDArray[np.int64], k: float
) -> Floats:
    whole = k * false + 2 * right + missed
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, 2 * right / whole, 1.0)


def lesion_f1(truth: Mask, predicted: Mask, iou: float) -> float:
    """F1 of lesions: connected parts (by faces) of two volumes of one shape.

    A predicted lesion is right if it overlaps some true one by an IoU of at least ``iou``, else false; a true
    one without such an overlap is missed. 1 if there is nothing to find and nothing found.
    """
    guessed, guesses = ndimage.label(predicted)
    real, reals = ndimage.label(truth)
    if not guesses and not reals:
        return 1.0
    pair, shared = np.unique(guessed.astype(np.int64) * (reals + 1) + real, return_counts=True)
    of_guess, of_real = pair // (reals + 1), pair % (reals + 1)
    sizes = [np.bincount(each.ravel(), minlength=k + 1) for each, k in ((guessed, guesses), (real, reals))]
    overlap = shared / (sizes[0][of_guess] + sizes[1][of_real] - shared)
    matched = (of_guess > 0) & (of_real > 0) & (overlap >= iou)
    right = len(np.unique(of_guess[matched]))
    missed = reals - len(np.unique(of_real[matched]))
    return float(right / (right + (guesses - right + missed) / 2))


def _volume(places: NDArray[np.int64], scan: str, *masks: Mask) -> list[Mask]:
    """The masks of the rows of one scan as arrays of their coordinates; voxels without a row are empty."""
    low = places.min(axis=1)
    shape = tuple(int(size) for size in places.max(axis=1) - low + 1)
    voxels = int(np.prod(np.array(shape, dtype=np.float64)))
    if voxels > MOST_VOXELS:
        raise InputRejected("too_large", _TOO_LARGE, scan=scan or "1", most=MOST_VOXELS)
    flat = np.ravel_multi_index(tuple(places - low[:, None]), shape)
    if doubled := len(flat) - len(np.unique(flat)):
        raise InputRejected("doubled_voxel", _DOUBLED, scan=scan or "1", count=doubled)
    volumes = []
    for mask in masks:
        volume = np.zeros(voxels, np.bool_)
        volume[flat[mask]] = True
        volumes.append(volume.reshape(shape))
    return volumes


_NOT_WHOLE = gettext_noop(
    "The coordinates in row %(row)s are no whole numbers (%(count)s such rows). Give the place of each "
    "voxel as "
    "whole numbers."
)
_DOUBLED = gettext_noop(
    "%(count)s rows of scan %(scan)s repeat a voxel. Give each voxel one row, or name the column with the "
    "scans."
)
_TOO_LARGE = gettext_noop(
    "The coordinates of scan %(scan)s span more than %(most)s voxels. Check the columns, or name the "
    "column with "
    "the scans."
)
