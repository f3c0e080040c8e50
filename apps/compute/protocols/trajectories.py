"""Displacement and likelihood of planned paths, as the motion prediction task of Shifts defines them."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.records import DISPLACEMENTS
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.protocols.retention import summary, tables
from apps.compute.results import Table
from apps.compute.uncertainty import Floats, log_interval, mean_and_variance, normal_interval

_NUMBERS = ("true_x", "true_y", "x", "y", "confidence", "uncertainty")


def judge(given: Given) -> ProtocolResult:
    """All displacement errors and the negative log-likelihood by request, averaged; retention by ``error``.

    Requests are the units of every interval. InputRejected: a step given twice, plans of one request with
    different steps, a confidence that changes inside of a plan, an uncertainty inside of a request.
    """
    plans, requests = _plans(given)
    size = requests["plans"].to_numpy().astype(np.int64)
    start = np.cumsum(size) - size
    ade, fde = plans["ade"].to_numpy(), plans["fde"].to_numpy()
    confidence = plans["confidence"].to_numpy()
    peak = np.maximum.reduceat(confidence, start)
    weight = np.exp(confidence - np.repeat(peak, size))
    weight /= np.repeat(np.add.reduceat(weight, start), size)
    top = _first_peak(confidence, np.repeat(peak, size), start)
    found: dict[str, Floats] = {}
    for name, loss in (("ade", ade), ("fde", fde)):
        found[f"min_{name}"] = np.minimum.reduceat(loss, start)
        found[f"mean_{name}"] = np.add.reduceat(loss, start) / size
        found[f"top1_{name}"] = loss[top]
        found[f"weighted_{name}"] = np.add.reduceat(weight * loss, start)
    nll = _nll(plans["squares"].to_numpy(), weight, start, size)
    n = len(start)
    metrics = []
    for key in DISPLACEMENTS:
        mean, variance = mean_and_variance(found[key])
        metrics.append(bounded(key, mean, *log_interval(mean, variance), n, "log-normal"))
    mean, variance = mean_and_variance(nll)
    metrics.append(bounded("trajectory_nll", mean, *normal_interval(mean, variance), n, "normal"))
    errors, uncertainty = found[given.params["error"]], requests["uncertainty"].to_numpy()
    limit = given.number("acceptable")
    metrics += summary(errors, uncertainty, limit, given.rng)
    retained = {key: summary(found[key], uncertainty, limit, given.rng) for key in DISPLACEMENTS}
    measures: dict[str, list[object]] = {
        "measure": list(DISPLACEMENTS),
        "mean": [float(found[key].mean()) for key in DISPLACEMENTS],
    }
    for place, metric in enumerate(retained[DISPLACEMENTS[0]]):
        each = [retained[key][place] for key in DISPLACEMENTS]
        measures[metric.key] = [result.value for result in each]
        measures[f"{metric.key}_low"] = [result.low for result in each]
        measures[f"{metric.key}_high"] = [result.high for result in each]
    units = {"unit": requests["request"].head(MOST_GROUPS).cast(pl.String).to_list()}
    units |= {key: values[:MOST_GROUPS].tolist() for key, values in found.items()}
    drawn = tables(errors, uncertainty, limit, None)
    return given.result(n, metrics, {**drawn, "measures": Table(measures), "units": Table(units)})


def _plans(given: Given) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Plans in the order of requests, with ade, fde, squares (sum of squared distances) and confidence; and
    requests with their number of plans and uncertainty.
    """
    values = {part: given.numbers(part) for part in _NUMBERS}
    distance = np.hypot(values["true_x"] - values["x"], values["true_y"] - values["y"])
    keys = {part: given.series(part) for part in ("request", "plan", "step")}
    for part, series in keys.items():
        if series.null_count():
            missing: NDArray[np.bool_] = series.is_null().to_numpy()
            raise InputRejected(
                "missing_value", _NO_KEY, column=given.params[part], **given.inputs.first(missing)
            )
    frame = pl.DataFrame(
        {
            **keys,
            "distance": distance,
            "confidence": values["confidence"],
            "uncertainty": values["uncertainty"],
        }
    )
    if doubled := frame.height - frame.select(pl.struct("request", "plan", "step").n_unique()).item():
        raise InputRejected("doubled_step", _DOUBLED, count=doubled)
    plans = (
        frame.sort("step")
        .group_by("request", "plan")
        .agg(
            pl.col("distance").mean().alias("ade"),
            pl.col("distance").last().alias("fde"),
            pl.col("distance").pow(2).sum().alias("squares"),
            pl.len().alias("steps"),
            pl.col("step").last().alias("last"),
            pl.col("confidence", "uncertainty").first(),
            pl.col("confidence").n_unique().alias("confidences"),
            pl.col("uncertainty").n_unique().alias("uncertainties"),
        )
        .sort("request", "plan")
    )
    requests = plans.group_by("request", maintain_order=True).agg(
        pl.len().alias("plans"),
        pl.col("uncertainty").first(),
        (pl.col("steps").n_unique() + pl.col("last").n_unique()).alias("paths"),
        pl.col("confidences").max(),
        (pl.col("uncertainty").n_unique() + pl.col("uncertainties").max()).alias("uncertainties"),
    )
    for column, most, text in (
        ("paths", 2, _STEPS),
        ("confidences", 1, _CONFIDENCE),
        ("uncertainties", 2, _UNSURE),
    ):
        faulty = requests.filter(pl.col(column) > most)
        if faulty.height:
            raise InputRejected(
                "uneven_plans", text, request=str(faulty["request"][0])[:50], count=faulty.height
            )
    return plans, requests


def _first_peak(confidence: Floats, peak: Floats, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first plan of each request with the highest confidence."""
    at = np.flatnonzero(confidence == peak)
    return np.asarray(at[np.searchsorted(at, start)])


def _nll(squares: Floats, weight: Floats, start: NDArray[np.int64], size: NDArray[np.int64]) -> Floats:
    """-log sum_plan weight exp(-squares / 2), stable for distant plans."""
    nearest = np.minimum.reduceat(squares, start)
    kernel = weight * np.exp(-(squares - np.repeat(nearest, size)) / 2)
    with np.errstate(divide="ignore"):
        return np.asarray(nearest / 2 - np.log(np.add.reduceat(kernel, start)))


_NO_KEY = gettext_noop(
    "The column %(column)s is empty in row %(row)s (%(count)s such rows). Every row needs a request, a "
    "plan and "
    "a step."
)
_DOUBLED = gettext_noop(
    "%(count)s rows repeat a step of the same plan and request. Give each step of a plan one row."
)
_STEPS = gettext_noop(
    "The plans of request %(request)s have different steps (%(count)s such requests). Give every plan of a "
    "request the same steps."
)
_CONFIDENCE = gettext_noop(
    "The confidence changes inside of a plan of request %(request)s (%(count)s such requests). Give one "
    "confidence for each plan."
)
_UNSURE = gettext_noop(
    "The uncertainty changes inside of request %(request)s (%(count)s such requests). Give one uncertainty "
    "for "
    "each request."
)
