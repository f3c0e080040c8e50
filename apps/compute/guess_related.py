"""Which columns say that rows belong together: the query of a ranking, the series of a forecast.

Only where name, answer and values all say so, because another kind of problem is judged then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.compute.profile import ColumnProfile, Kind
from apps.compute.roles import ColumnRole, Role

#: Names in the order of trust, as `guess` writes them.
QUERY_NAMES = ("query_id", "qid", "query")
RELEVANCE_NAMES = ("relevance", "relevance_grade", "relevance_label", "rel", "grade")
SERIES_NAMES = ("series_id", "time_series_id", "series", "time_series")
HORIZON_NAMES = ("horizon", "forecast_horizon", "steps_ahead", "lead_time")
SCALE_NAMES = ("mase_scale", "naive_mae", "naive_error")

#: Grades of relevance are few whole numbers; two of them may be classes.
FEWEST_GRADES, MOST_GRADES = 3, 20


def related_roles(
    columns: Mapping[str, ColumnProfile], roles: Mapping[str, ColumnRole]
) -> dict[str, ColumnRole]:
    """Roles of some of ``columns`` (by plain name) beside the guessed ``roles`` (by the file's name)."""
    free = {plain: profile for plain, profile in columns.items() if profile.name not in roles}
    used = {use.role: name for name, use in reversed(list(roles.items()))}
    by_name = {profile.name: profile for profile in columns.values()}
    given = {role: by_name[name] for role, name in used.items() if name in by_name}
    return _ranking(free, given) or _forecast(free, given)


def _ranking(free: Mapping[str, ColumnProfile], given: Mapping[Role, ColumnProfile]) -> dict[str, ColumnRole]:
    query = _first(free, QUERY_NAMES)
    score = given.get(Role.PROBABILITY) or given.get(Role.PREDICTION) or _first(free, ("score",))
    truth = given.get(Role.TARGET) or _first(free, RELEVANCE_NAMES)
    if query is None or score is None or truth is None or Role.QUERY in given:
        return {}
    named = Role.TARGET not in given
    graded = truth.kind is Kind.INTEGER and FEWEST_GRADES <= truth.distinct <= MOST_GRADES
    if not (_repeats(query) and score.is_number and _from(truth, 0) and (named or graded)):
        return {}
    found = {query.name: Role.QUERY, truth.name: Role.TARGET}
    if not {Role.PROBABILITY, Role.PREDICTION} & given.keys():
        found[score.name] = Role.PREDICTION
    return _uses(found)


def _forecast(
    free: Mapping[str, ColumnProfile], given: Mapping[Role, ColumnProfile]
) -> dict[str, ColumnRole]:
    target, prediction = given.get(Role.TARGET), given.get(Role.PREDICTION)
    if target is None or prediction is None or {Role.SERIES, Role.HORIZON} & given.keys():
        return {}
    if not (target.is_number and prediction.kind is Kind.FLOAT):
        return {}
    found = {}
    horizon = _first(free, HORIZON_NAMES)
    if horizon is not None and horizon.kind is Kind.INTEGER and _from(horizon, 1) and not horizon.missing:
        found[horizon.name] = Role.HORIZON
    series = _first(free, SERIES_NAMES)
    timed = Role.TIMESTAMP in given or bool(found)
    if series is not None and timed and _repeats(series) and not series.missing:
        found[series.name] = Role.SERIES
    scale = _first(free, SCALE_NAMES)
    if found and scale is not None and _from(scale, 0):
        found[scale.name] = Role.SCALE
    return _uses(found)


def _first(columns: Mapping[str, ColumnProfile], names: Sequence[str]) -> ColumnProfile | None:
    return next((columns[name] for name in names if name in columns), None)


def _repeats(profile: ColumnProfile) -> bool:
    return 1 < profile.distinct < profile.rows - profile.missing


def _from(profile: ColumnProfile, least: int) -> bool:
    """Whether the column holds numbers of which none is below ``least``."""
    return profile.is_number and isinstance(profile.minimum, int | float) and profile.minimum >= least


def _uses(roles: Mapping[str, Role]) -> dict[str, ColumnRole]:
    return {name: ColumnRole(role) for name, role in roles.items()}
