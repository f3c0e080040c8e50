"""What kind of problem a file is about, from its columns alone."""

from __future__ import annotations

import polars as pl

from apps.compute.classes import read_labels
from apps.compute.inputs import Inputs
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.results import Task
from apps.compute.roles import Role

#: Whole numbers with more distinct values than this are quantities, not class codes.
MOST_CODES = 20


def infer_task(inputs: Inputs) -> Task:
    """The task that the columns point to:

    1. A query column: ranking; else a column of the series or of the steps ahead: forecast; else several
       targets: multi-label if they hold 0 and 1 alone, else multi-output; else a column of standard
       deviations: probabilistic.
    2. Quantile or interval columns: regression.
    3. Probability columns: classification.
    4. A target or prediction that is not numeric: classification.
    5. Fractions in target or prediction, or more than `MOST_CODES` whole numbers: regression.
    6. Else classification.

    Classification is binary with at most two classes in truth, predictions and probability columns
    together, else multiclass. InputRejected: a target of 0 and 1 with fractions from 0 to 1 as the
    prediction, which are probabilities.
    """
    if inputs.column(Role.QUERY):
        return Task.RANKING
    if inputs.column(Role.SERIES) or inputs.column(Role.HORIZON):
        return Task.FORECAST
    if len(targets := inputs.columns(Role.TARGET)) > 1:
        return Task.MULTILABEL if all(_is_flag(inputs.frame, name) for name in targets) else Task.MULTIOUTPUT
    if inputs.column(Role.STD):
        return Task.PROBABILISTIC
    if any(inputs.columns(role) for role in (Role.QUANTILE, Role.INTERVAL_LOW, Role.INTERVAL_HIGH)):
        return Task.REGRESSION
    if not inputs.columns(Role.PROBABILITY) and _is_regression(inputs):
        return Task.REGRESSION
    labels = read_labels(inputs)
    return Task.BINARY if len({*labels.seen, *labels.named}) <= 2 else Task.MULTICLASS


def _is_flag(frame: pl.DataFrame, name: str) -> bool:
    column = frame.get_column(name)
    numbers = column if column.dtype == pl.Boolean else _numeric(column)
    return numbers is not None and bool(numbers.cast(pl.Float64).is_in([0.0, 1.0]).all())


def _is_regression(inputs: Inputs) -> bool:
    target = _numeric(inputs.frame.get_column(inputs.columns(Role.TARGET)[0]))
    column = inputs.column(Role.PREDICTION)
    prediction = None if column is None else _numeric(inputs.frame.get_column(column))
    if target is None or prediction is None:
        return False
    distinct = target.n_unique()
    fractions = bool((prediction != prediction.round()).any())
    if distinct <= 2 and target.is_in([0.0, 1.0]).all() and fractions and prediction.is_between(0, 1).all():
        raise InputRejected("prediction_is_probability", _IS_PROBABILITY, column=column)
    return distinct > MOST_CODES or fractions or bool((target != target.round()).any())


def _numeric(column: pl.Series) -> pl.Series | None:
    """The present values as numbers; None if some are not."""
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        column = column.cast(pl.String).str.strip_chars().replace("", None).drop_nulls()
        # Texts that are not numbers show early; do not parse a whole file of them.
        if column.head(1000).cast(pl.Float64, strict=False).null_count():
            return None
    elif not column.dtype.is_numeric():
        return None
    numbers = column.drop_nulls().cast(pl.Float64, strict=False)
    return None if numbers.null_count() else numbers.drop_nans()


_IS_PROBABILITY = gettext_noop(
    "The column %(column)s holds fractions from 0 to 1 and the target only 0 and 1. If these are "
    "probabilities, give the column the role of a probability; else choose regression as the task."
)
