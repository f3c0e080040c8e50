"""Numbers over all projects that a reader may see, each set from one SQL statement.

Amounts of different currencies are never added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db import connection

from apps.accounts.models import User
from apps.projects.models import Project
from apps.requirements.models import VerdictState

WEEKS = 12
#: Upper ends, in days, of the bins that company surveys ask for; the last bin is open.
PRODUCTION_BINS = (7, 30, 90, 365)

_FIGURES = """
WITH visible AS MATERIALIZED (SELECT p.id, p.use_case FROM projects_project p WHERE p.id IN ({visible})),
phase AS MATERIALIZED (SELECT ph.* FROM lifecycle_phase ph JOIN visible ON visible.id = ph.project_id),
hope AS (
    SELECT DISTINCT ON (c.project_id) c.project_id, c.currency, c.hoped_per_year
    FROM requirements_valuecase c JOIN visible ON visible.id = c.project_id
    LEFT JOIN requirements_valueapproval a ON a.case_id = c.id
    ORDER BY c.project_id, a.id IS NULL, c.number DESC),
worth AS (
    SELECT currency, sum(value) AS value, sum(value) - sqrt(sum((value - low) ^ 2)) AS low,
           sum(value) + sqrt(sum((high - value) ^ 2)) AS high, count(*) AS n
    FROM requirements_projectjudgement j JOIN visible ON visible.id = j.project_id
    WHERE value IS NOT NULL GROUP BY currency),
birth AS (
    SELECT min(started_on) FILTER (WHERE kind = 'production') - min(started_on) AS days
    FROM phase GROUP BY project_id),
ended AS (
    SELECT kind, count(*) AS n,
           percentile_cont(ARRAY[0.25, 0.5, 0.75])
               WITHIN GROUP (ORDER BY closed_at::date - started_on) AS days
    FROM phase WHERE closed_at IS NOT NULL GROUP BY kind),
running AS (
    SELECT kind, count(*) AS n, count(*) FILTER (WHERE ends_on < %(today)s) AS over,
           min(ends_on) FILTER (WHERE ends_on >= %(today)s) - %(today)s::date AS next
    FROM phase WHERE closed_at IS NULL GROUP BY kind)
SELECT
    (SELECT count(*) FROM visible),
    (SELECT count(*) FROM visible WHERE id NOT IN (SELECT project_id FROM phase)),
    (SELECT count(*) FROM (
        SELECT FROM phase GROUP BY project_id HAVING bool_and(closed_at IS NOT NULL)) AS stopped),
    (SELECT json_object_agg(state, n) FROM (
        SELECT state, count(*) AS n FROM requirements_requirement r JOIN visible ON visible.id = r.project_id
        WHERE r.withdrawn_at IS NULL GROUP BY state) AS counted),
    (SELECT json_agg(worth) FROM worth),
    (SELECT json_object_agg(currency, total) FROM (
        SELECT currency, sum(hoped_per_year) AS total FROM hope
        WHERE hoped_per_year IS NOT NULL GROUP BY currency) AS hoped),
    (SELECT json_object_agg(kind, json_build_array(n, over, next)) FROM running),
    (SELECT json_object_agg(use_case, n) FROM (
        SELECT use_case, count(*) AS n FROM visible GROUP BY use_case) AS used),
    (SELECT json_object_agg(bin, n) FROM (
        SELECT width_bucket(days - 0.5, %(bins)s::float[]) AS bin, count(*) AS n
        FROM birth WHERE days IS NOT NULL GROUP BY 1) AS binned),
    (SELECT json_object_agg(kind, json_build_array(n, days[1], days[2], days[3])) FROM ended)
"""

_WEEKS = """
WITH event AS (
    SELECT v.state, v.since, LEAST(v.until, r.withdrawn_at) AS until
    FROM requirements_verdict v JOIN requirements_requirement r ON r.id = v.requirement_id
    WHERE v.project_id IN ({visible})),
step AS (
    SELECT state, since AS at, 1 AS change FROM event
    UNION ALL SELECT state, until, -1 FROM event WHERE until IS NOT NULL)
SELECT width_bucket(at, %(ends)s::timestamptz[]) AS week, state, sum(change) FROM step GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Of one currency. The interval takes the projects as independent: squares of half widths add up."""

    currency: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    projects: int = 0
    hoped: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Open phases of one kind: how many, how many over their timebox, days until the next timebox ends."""

    n: int = 0
    over: int = 0
    next: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Closed phases of one kind: quartiles of their days."""

    n: int
    quarter: float
    half: float
    three_quarters: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    projects: int
    not_started: int
    stopped: int  # all their phases are closed
    states: Mapping[str, int]
    money: Sequence[Money]  # the currency with the most evidence first
    running: Mapping[str, Running]
    use_cases: Mapping[str, int]
    production_bins: Sequence[int]
    durations: Mapping[str, Duration]

    @property
    def requirements(self) -> int:
        return sum(self.states.values())


def _visible(user: User) -> tuple[str, dict[str, Any]]:
    """The rule of access as SQL with named parameters."""
    sql, params = Project.objects.visible_to(user).order_by().values("pk").query.sql_with_params()
    names = {f"visible_{i}": value for i, value in enumerate(params)}
    return sql % tuple(f"%({name})s" for name in names), names


def totals(user: User, today: date) -> Totals:
    visible, params = _visible(user)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIGURES.format(visible=visible), {**params, "today": today, "bins": list(PRODUCTION_BINS)}
        )
        projects, new, stopped, states, worth, hoped, running, use_cases, bins, ended = cursor.fetchone()
    return Totals(
        projects=projects,
        not_started=new,
        stopped=stopped,
        states={state.value: (states or {}).get(state.value, 0) for state in VerdictState},
        money=_money(worth or [], hoped or {}),
        running={kind: Running(n=n, over=o, next=d) for kind, (n, o, d) in (running or {}).items()},
        use_cases=use_cases or {},
        production_bins=[(bins or {}).get(str(i), 0) for i in range(len(PRODUCTION_BINS) + 1)],
        durations={
            kind: Duration(n=n, quarter=a, half=b, three_quarters=c)
            for kind, (n, a, b, c) in (ended or {}).items()
        },
    )


def _money(worth: list[dict[str, Any]], hoped: dict[str, float]) -> list[Money]:
    found = {row["currency"]: row for row in worth}
    rows = [
        Money(
            currency=currency,
            value=row.get("value"),
            low=row.get("low"),
            high=row.get("high"),
            projects=row.get("n", 0),
            hoped=hoped.get(currency),
        )
        for currency in sorted({*found, *hoped})
        for row in (found.get(currency, {}),)
    ]
    return sorted(rows, key=lambda money: (-money.projects, money.currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Requirements by verdict at the end of each week; the last one is the present moment."""

    days: Sequence[date]
    counts: Mapping[str, Sequence[int]]


def verdicts_by_week(user: User, now: datetime) -> Weeks:
    """Weeks are counted back from ``now``, which is local."""
    ends = [now - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    visible, params = _visible(user)
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS.format(visible=visible), {**params, "ends": ends})
        steps = Counter({(week, state): change for week, state, change in cursor.fetchall()})
    return Weeks(
        days=[end.date() for end in ends],
        counts={
            state.value: list(accumulate(int(steps[week, state.value]) for week in range(WEEKS)))
            for state in VerdictState
        },
    )
