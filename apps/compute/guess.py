"""What each column of a prediction file is probably for: its name asks, its values answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from apps.compute.guess_outputs import output_roles
from apps.compute.guess_related import related_roles
from apps.compute.profile import ColumnProfile, Kind
from apps.compute.roles import ColumnRole, ColumnRoles, Role

#: Names in the order of trust, lower case, with words joined by "_".
ID_NAMES = (
    "id",
    "row_id",
    "sample_id",
    "record_id",
    "example_id",
    "uuid",
    "guid",
    "key",
    "index",
    "idx",
    "row",
)
TIME_NAMES = ("timestamp", "datetime", "event_time", "time", "ts", "date", "predicted_at", "created_at")
TARGET_NAMES = (
    "y_true",
    "target",
    "label",
    "labels",
    "truth",
    "ground_truth",
    "groundtruth",
    "true_label",
    "true_value",
    "true_class",
    "actual",
    "actuals",
    "actual_value",
    "actual_label",
    "observed",
    "gold",
    "gold_label",
    "gt",
    "y",
    "true",
    "outcome",
    "expected",
    "class",
)
PREDICTION_NAMES = (
    "y_pred",
    "prediction",
    "predictions",
    "predicted",
    "y_hat",
    "yhat",
    "pred",
    "preds",
    "predicted_label",
    "predicted_class",
    "predicted_value",
    "pred_label",
    "pred_class",
    "label_pred",
    "target_pred",
    "y_predicted",
    "forecast",
    "model_output",
    "estimate",
    "fitted",
    "output",
)
PROBABILITY_NAMES = (
    "probability",
    "proba",
    "prob",
    "y_prob",
    "y_proba",
    "y_score",
    "pred_proba",
    "pred_prob",
    "predict_proba",
    "y_pred_proba",
    "predicted_probability",
    "score",
    "p",
)
WEIGHT_NAMES = ("sample_weight", "sample_weights", "weight", "weights", "observation_weight", "row_weight")
LATENCY_NAMES = (
    "latency_ms",
    "latency",
    "inference_ms",
    "inference_time_ms",
    "response_time_ms",
    "duration_ms",
    "elapsed_ms",
    "prediction_time_ms",
    "time_ms",
    "runtime_ms",
)
LOW_NAMES = (
    "y_lower",
    "y_low",
    "pred_lower",
    "pred_low",
    "yhat_lower",
    "y_pred_lower",
    "y_pred_low",
    "lower_bound",
    "interval_low",
    "interval_lower",
    "ci_lower",
    "ci_low",
    "pi_lower",
    "pi_low",
    "lower",
    "low",
)
HIGH_NAMES = (
    "y_upper",
    "y_high",
    "pred_upper",
    "pred_high",
    "yhat_upper",
    "y_pred_upper",
    "y_pred_high",
    "upper_bound",
    "interval_high",
    "interval_upper",
    "ci_upper",
    "ci_high",
    "pi_upper",
    "pi_high",
    "upper",
    "high",
)
SPREAD_NAMES = frozenset(
    ["y_std", "y_var", "pred_std", "pred_var", "y_pred_std", "std", "sigma", "variance", "uncertainty"]
)

SURE_CLASS = re.compile(
    r"(?:y_|pred_|predict_)?(?:proba|prob|probs|probability|probabilities)[_\s.:-](.+)", re.I
)
LIKELY_CLASS = re.compile(r"(?:y_score|score|p)_(?!value$)(.+)", re.I)
CLASS_FIRST = re.compile(r"(.+)_(?:proba|prob|probability)", re.I)
QUANTILE = re.compile(r"(?:y_|pred_|y_pred_|yhat_|forecast_)?(q|quantile_?|p)_?(0?\.\d+|\d{2})", re.I)

MAX_SLICE_VALUES = 100
MAX_SLICE_INTEGERS = 24
MAX_SLICE_LENGTH = 60
#: Slices need several rows each to be worth a table.
ROWS_PER_SLICE = 3


def guess_roles(
    profiles: Sequence[ColumnProfile],
    *,
    previous: ColumnRoles | None = None,
    other_columns: Collection[str] = (),
) -> dict[str, ColumnRole]:
    """Guess the role of every column, in the order of the file.

    ``previous`` are the roles of an earlier file: they win for columns of the same name whose kind of
    value still fits. ``other_columns`` are the columns of the file to join with: an id of the same name
    is preferred.
    """
    roles = {
        profile.name: previous[profile.name]
        for profile in profiles
        if previous and profile.name in previous and fits(profile, previous[profile.name].role)
    }
    open_columns = [profile for profile in profiles if profile.name not in roles]
    for guess in (output_roles, _guess_probabilities, _guess_quantiles):
        for name, role in guess(open_columns).items():
            roles.setdefault(name, role)
    _guess_single(open_columns, roles, other_columns)
    roles |= related_roles({_plain(profile.name): profile for profile in open_columns}, roles)
    for profile in open_columns:
        roles.setdefault(profile.name, _guess_rest(profile))
    return {profile.name: roles[profile.name] for profile in profiles}


def fits(profile: ColumnProfile, role: Role) -> bool:
    """Whether the kind of a column's values can play the role at all."""
    if role in (Role.IGNORE, Role.SLICE, Role.ID, Role.QUERY, Role.SERIES):
        return True
    if profile.kind is Kind.EMPTY:
        return False
    if role is Role.TIMESTAMP:
        return profile.kind in (Kind.TIMESTAMP, Kind.DATE)
    if role in (Role.TARGET, Role.PREDICTION):
        return profile.kind not in (Kind.TIMESTAMP, Kind.DATE)
    if role is Role.FEATURE:
        return profile.is_number or profile.kind is Kind.BOOLEAN
    return profile.is_number


@lru_cache(maxsize=2**15)  # every role is looked for in every name
def _plain(name: str) -> str:
    """``"Y-True "`` and ``"yTrue"`` as ``"y_true"``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s.\-_]+", "_", spaced).strip("_").lower()


def _in_unit(profile: ColumnProfile) -> bool:
    return profile.is_number and profile.outside_unit == 0


def _guess_probabilities(profiles: Sequence[ColumnProfile]) -> dict[str, ColumnRole]:
    """Columns named after a class, or one lone column of scores. The class is the text as it is written."""
    roles = {}
    for profile in profiles:
        name = profile.name.strip()
        sure, likely = SURE_CLASS.fullmatch(name), LIKELY_CLASS.fullmatch(name) or CLASS_FIRST.fullmatch(name)
        if sure and profile.is_number and _plain(name) not in PROBABILITY_NAMES:
            roles[profile.name] = ColumnRole(Role.PROBABILITY, sure.group(1))
        elif likely and _in_unit(profile) and _plain(name) not in PROBABILITY_NAMES:
            roles[profile.name] = ColumnRole(Role.PROBABILITY, likely.group(1))
    if not roles:
        lone = _first_named(profiles, PROBABILITY_NAMES, _in_unit)
        sure_name = _first_named(profiles, PROBABILITY_NAMES[:-2], lambda profile: profile.is_number)
        if found := lone or sure_name:
            roles[found.name] = ColumnRole(Role.PROBABILITY)
    return roles


def _guess_quantiles(profiles: Sequence[ColumnProfile]) -> dict[str, ColumnRole]:
    """``q0.9``, ``q90``, ``quantile_0.1``; ``p90`` only in company, as alone it may be anything."""
    roles, with_p = {}, []
    for profile in profiles:
        match = QUANTILE.fullmatch(profile.name.strip())
        if not match or not profile.is_number:
            continue
        digits = match.group(2)
        level = float(digits) if "." in digits else int(digits) / 100
        if 0 < level < 1:
            roles[profile.name] = ColumnRole(Role.QUANTILE, f"{level:g}")
            if match.group(1).lower() == "p":
                with_p.append(profile.name)
    if len(with_p) == 1 == len(roles):
        return {}
    return roles


def _guess_single(
    profiles: Sequence[ColumnProfile], roles: dict[str, ColumnRole], other_columns: Collection[str]
) -> None:
    """Fill the roles that one column can have, each with the most trusted name that is free."""

    def free() -> list[ColumnProfile]:
        return [profile for profile in profiles if profile.name not in roles]

    def give(role: Role, profile: ColumnProfile | None) -> None:
        if profile is not None and role not in {use.role for use in roles.values()}:
            roles[profile.name] = ColumnRole(role)

    def named(role: Role, names: Sequence[str]) -> ColumnProfile | None:
        return _first_named(free(), names, lambda profile: fits(profile, role))

    give(Role.PREDICTION, named(Role.PREDICTION, PREDICTION_NAMES))
    give(Role.TARGET, named(Role.TARGET, TARGET_NAMES) or _flag_target(free(), roles))
    give(Role.ID, _find_id(free(), other_columns))
    give(Role.TIMESTAMP, named(Role.TIMESTAMP, TIME_NAMES) or _only_timestamp(free()))
    give(Role.LATENCY, named(Role.LATENCY, LATENCY_NAMES) or _latency_by_ending(free()))
    names = {_plain(profile.name) for profile in profiles}
    if "height" not in names:  # of a person, then so is the weight
        give(Role.WEIGHT, named(Role.WEIGHT, WEIGHT_NAMES))
    low, high = named(Role.INTERVAL_LOW, LOW_NAMES), named(Role.INTERVAL_HIGH, HIGH_NAMES)
    if low and high and not names & {"open", "close"}:  # a stock has lows and highs as well
        give(Role.INTERVAL_LOW, low)
        give(Role.INTERVAL_HIGH, high)


def _first_named(
    profiles: Sequence[ColumnProfile], names: Sequence[str], suits: Callable[[ColumnProfile], bool]
) -> ColumnProfile | None:
    found = [profile for profile in profiles if _plain(profile.name) in names and suits(profile)]
    return min(found, key=lambda profile: names.index(_plain(profile.name)), default=None)


def _flag_target(profiles: Sequence[ColumnProfile], roles: ColumnRoles) -> ColumnProfile | None:
    """The one ``is_…`` column of two values, where something predicts."""
    predicts = {use.role for use in roles.values()} & {Role.PREDICTION, Role.PROBABILITY}
    flags = [p for p in profiles if _plain(p.name).startswith("is_") and p.distinct == 2]
    return flags[0] if predicts and len(flags) == 1 else None


def _find_id(profiles: Sequence[ColumnProfile], other_columns: Collection[str]) -> ColumnProfile | None:
    """A column called id, even where doubled (that is worth saying); or a unique one that ends in id."""
    may_be = [p for p in profiles if p.kind in (Kind.INTEGER, Kind.TEXT)]
    unique = [p for p in may_be if p.is_unique]
    for among in ([p for p in unique if p.name in other_columns], may_be):
        endings = [p for p in among if p.is_unique and _plain(p.name).endswith(("_id", "_uuid", "_key"))]
        found = _first_named(among, ID_NAMES[:6], lambda _: True) or next(iter(endings), None)
        if found:
            return found
    return _first_named(unique, ID_NAMES, lambda _: True)


def _only_timestamp(profiles: Sequence[ColumnProfile]) -> ColumnProfile | None:
    times = [p for p in profiles if p.kind is Kind.TIMESTAMP] or [p for p in profiles if p.kind is Kind.DATE]
    return times[0] if len(times) == 1 else None


def _latency_by_ending(profiles: Sequence[ColumnProfile]) -> ColumnProfile | None:
    found = [p for p in profiles if p.is_number and _plain(p.name).endswith(("_latency", "_latency_ms"))]
    return found[0] if len(found) == 1 else None


def _guess_rest(profile: ColumnProfile) -> ColumnRole:
    if profile.distinct <= 1 or _plain(profile.name) in SPREAD_NAMES:
        return ColumnRole(Role.IGNORE)
    enough_rows = profile.rows >= ROWS_PER_SLICE * profile.distinct
    if profile.kind is Kind.BOOLEAN:
        return ColumnRole(Role.SLICE)
    if profile.kind is Kind.INTEGER and profile.distinct <= MAX_SLICE_INTEGERS and enough_rows:
        return ColumnRole(Role.SLICE)
    if profile.is_number:
        return ColumnRole(Role.FEATURE)
    short = profile.mean_length is None or profile.mean_length <= MAX_SLICE_LENGTH
    if profile.kind is not Kind.TIMESTAMP and short and profile.distinct <= MAX_SLICE_VALUES and enough_rows:
        return ColumnRole(Role.SLICE)
    return ColumnRole(Role.IGNORE)
