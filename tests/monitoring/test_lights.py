"""Situations, and what the three lights say of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.compute.messages import Message
from apps.jobs.models import State
from apps.monitoring.models import Batch, Monitor
from tests.factories import make_job, make_monitor, make_project
from tests.monitoring.judged import (
    at,
    checked,
    finding,
    measure,
    pool,
    said,
    stand,
    watch_baseline,
)
from tests.requirements.making import metric, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor() -> Monitor:
    return make_monitor(make_project())


def ten(monitor: Monitor) -> list[Batch]:
    return [checked(monitor, day) for day in range(10)]


# At all


def failed_batch(monitor: Monitor) -> None:
    ten(monitor)
    error = {"code": "ragged", "message": {"text": "Row 3 is short.", "params": {}}}
    job = make_job(monitor.project, state=State.FAILED, error=error)
    checked(monitor, 10, job=job, check_result=None)


def slow_batch(monitor: Monitor) -> None:
    ten(monitor)
    job = make_job(monitor.project, state=State.RUNNING, queued_at=at(10, 0))
    checked(monitor, 10, job=job, check_result=None)


def with_gap(monitor: Monitor) -> None:
    for day in (0, 1, 3, 4):
        checked(monitor, day, is_late=day == 4)


@pytest.mark.parametrize(
    ("prepare", "day", "state", "text"),
    [
        (
            lambda monitor: None,
            0,
            "none",
            "Nothing was due yet: the first batch is expected by 6 January 2026.",
        ),
        (ten, 10, "ok", "All of the last 10 batches came on time; the newest is whole."),
        (
            ten,
            12,
            "bad",
            "No data since 15 January 2026: of the last 12 batches 2 are missing.",
        ),
        (failed_batch, 11, "bad", "The check of batch 11 failed."),
        (slow_batch, 11, "warn", "The check of batch 11 has not ended yet, longer than the grace allows."),
        (with_gap, 5, "warn", "Of the last 5 batches 1 are missing and 1 came late."),
        (
            lambda monitor: checked(monitor, 0, finding("schema", "price")),
            1,
            "bad",
            "Batch 1: Something is wrong with price.",
        ),
        (
            lambda monitor: checked(monitor, 0, finding("schema", "price", "warn")),
            1,
            "warn",
            "Batch 1: Something is wrong with price.",
        ),
        (
            lambda monitor: checked(monitor, 0, finding("missing", "a"), finding("missing", "b", "warn")),
            1,
            "warn",
            "Batch 1: Something is wrong with a. And 1 more.",
        ),
        (
            lambda monitor: checked(monitor, 0, finding("empty"), rows=0),
            1,
            "bad",
            "Batch 1: Something is wrong with .",
        ),
        (
            lambda monitor: checked(monitor, 0),
            1,
            "ok",
            "The one batch that was due came on time and is whole.",
        ),
        (
            lambda monitor: checked(monitor, 0),
            0.5,
            "ok",
            "Data arrive before they are due, and what came is whole.",
        ),
    ],
)
def test_at_all(
    monitor: Monitor, prepare: Callable[[Monitor], object], day: float, state: str, text: str
) -> None:
    prepare(monitor)
    assert said(stand(monitor, at(day)).at_all) == (state, text)
    assert monitor.at_all == state


def test_an_unusual_number_of_rows_is_partly(monitor: Monitor) -> None:
    for day in range(35):
        checked(monitor, day, rows=100 + day % 3)
    assert stand(monitor, at(35)).at_all.state == "ok"
    checked(monitor, 35, rows=10)
    state, text = said(stand(monitor, at(36)).at_all)
    assert state == "warn"
    assert text.startswith("Batch 36 has 10 rows; ")


def test_the_evidence_of_a_light(monitor: Monitor) -> None:
    ten(monitor)
    assert stand(monitor, at(10)).at_all.evidence == "batches"
    assert stand(monitor, at(12)).at_all.evidence == f"alert:{monitor.alerts.get().number}"
    checked(monitor, 10, finding("schema", "price"))
    checked(monitor, 11, finding("schema", "price"))
    assert stand(monitor, at(12)).at_all.evidence == "batch:12"


def test_paused_is_not_known(monitor: Monitor) -> None:
    ten(monitor)
    monitor.paused_at = timezone.now()
    monitor.save()
    standing = stand(monitor, at(20))
    assert said(standing.at_all) == ("none", "The monitor is paused: nothing is expected.")
    assert monitor.due_at is None
    assert not monitor.alerts.exists()


def test_two_halves_cover_a_window(monitor: Monitor) -> None:
    for number in range(4):
        start = at(0, 12 * number)
        checked(monitor, start=start, end=start + timedelta(hours=12))
    assert stand(monitor, at(2)).arrived == 2
    Batch.objects.filter(number=2).update(replaced_at=timezone.now())
    standing = stand(monitor, at(2))
    assert (standing.expected, standing.arrived) == (2, 1)


# Well


def test_well_is_not_known_until_labels_come(monitor: Monitor) -> None:
    monitor.label_delay_hours = 180 * 24
    monitor.save()
    wish(monitor.project)
    assert said(stand(monitor, at(0)).well) == ("none", "Not known: no batch has been checked yet.")
    batch = checked(monitor, 0, labelled=0)
    standing = stand(monitor, at(1))
    assert said(standing.well) == (
        "none",
        "Not known until the labels of 5 January 2026 arrive on 5 July 2026.",
    )
    assert standing.well.evidence == "labels"
    assert standing.labels_expected == (at(0, 0).isoformat(), at(181, 0).isoformat())
    measure(batch, 0.812, estimated=True)
    assert said(stand(monitor, at(1)).well)[1] == (
        "Not known until the labels of 5 January 2026 arrive on 5 July 2026. "
        "From its probabilities “Accuracy” is estimated at 81%."
    )
    assert said(stand(monitor, at(182)).well)[1].startswith(
        "Not known: the labels of 5 January 2026 were expected on 5 July 2026 and have not come."
    )
    Batch.objects.update(labels_ticket=1)
    assert "are being computed" in said(stand(monitor, at(182)).well)[1]


HOLDS = metric("accuracy", 0.9, 0.88, 0.92)
OPEN = metric("accuracy", 0.8, 0.77, 0.83)
FAILS = metric("accuracy", 0.7, 0.68, 0.72)
NOT_DEFINED = metric("accuracy", None)


@pytest.mark.parametrize(
    ("measured", "state", "text"),
    [
        (HOLDS, "ok", "The live requirement R-01 holds. No baseline without ML is watched."),
        (
            FAILS,
            "bad",
            "Of 1 live requirements 0 hold; refuted: R-01. No baseline without ML is watched.",
        ),
        (
            OPEN,
            "warn",
            "Of 1 live requirements 0 hold. R-01 is open: The interval crosses the limit, and the estimate "
            "is too close to it. No baseline without ML is watched.",
        ),
        (
            NOT_DEFINED,
            "warn",
            "Of 1 live requirements 0 hold. R-01 is open: “Accuracy” has no interval in the live data: "
            "too few rows of a kind. No baseline without ML is watched.",
        ),
        (
            metric("rmse", 1, 1, 1),
            "none",
            "No live requirement can be measured here. No baseline without ML is watched.",
        ),
    ],
)
def test_well_by_requirements(monitor: Monitor, measured: object, state: str, text: str) -> None:
    wish(monitor.project)
    checked(monitor)
    pool(monitor, measured)  # type: ignore[arg-type]
    standing = stand(monitor, at(1))
    assert said(standing.well) == (state, text)
    assert standing.well.evidence == ("metrics" if state == "none" else "requirements")


@pytest.mark.parametrize(
    ("gain", "state", "text"),
    [
        ((0.1, 0.05, 0.15), "ok", "It beats the baseline without ML by 10 pp."),
        ((0.01, -0.01, 0.03), "warn", "Whether it beats the baseline without ML is not settled."),
        ((-0.1, -0.15, -0.05), "bad", "It is worse than the baseline without ML by 10 pp."),
        (None, "warn", "It could not be compared with the baseline without ML."),
    ],
)
def test_well_against_the_baseline(
    monitor: Monitor, gain: tuple[float, float, float] | None, state: str, text: str
) -> None:
    watch_baseline(monitor)
    wish(monitor.project)
    checked(monitor)
    pool(monitor, HOLDS, gain=gain)
    assert said(stand(monitor, at(1)).well) == (state, f"The live requirement R-01 holds. {text}")


def test_without_requirements_the_baseline_alone_says_it(monitor: Monitor) -> None:
    watch_baseline(monitor)
    checked(monitor)
    pool(monitor, HOLDS, gain=(0.1, 0.05, 0.15))
    state, text = said(stand(monitor, at(1)).well)
    assert state == "ok"
    assert text.startswith("No live requirement can be measured here. It beats")


def test_a_chosen_requirement_that_is_not_measured_is_open(monitor: Monitor) -> None:
    requirement = wish(monitor.project, metric="latency_p90", comparison="at_most", limit=100)
    checked(monitor)
    pool(monitor, HOLDS)
    assert stand(monitor, at(1)).verdicts == ()
    monitor.requirements.add(requirement)
    (verdict,) = stand(monitor, at(1)).verdicts
    assert verdict.outcome == "unverified"
    assert "is not measured in the live data" in str(verdict.reason)


# As before


def series(monitor: Monitor, *values: float, first: int = 0, half: float = 0.01) -> list[Batch]:
    batches = []
    for day, value in enumerate(values, first):
        batches.append(checked(monitor, day))
        measure(batches[-1], value, half=half)
    return batches


@pytest.fixture
def each_before(monitor: Monitor) -> Monitor:
    """Compared with all windows before, so that few are enough."""
    monitor.comparable = "previous"
    monitor.save()
    return monitor


def test_as_before(each_before: Monitor) -> None:
    series(each_before, *[0.9, 0.91] * 10)
    standing = stand(each_before, at(20))
    assert said(standing.as_before) == (
        "ok",
        "“Accuracy” is as good as in comparable windows before, by the labels of 24 January 2026.",
    )
    assert standing.worse is not None
    assert standing.worse["alarm"] is None


def test_worse_since_when_and_by_how_much(each_before: Monitor) -> None:
    series(each_before, *[0.9, 0.91] * 10)
    series(each_before, *[0.8] * 6, first=20)
    standing = stand(each_before, at(26))
    state, text = said(standing.as_before)
    assert state == "bad"
    assert text.startswith("“Accuracy” is worse by ")
    assert text.endswith(" January 2026.")
    assert standing.as_before.evidence == f"alert:{each_before.alerts.get(kind='worse').number}"
    assert standing.worse is not None
    assert standing.worse["since"] in (at(19, 0).isoformat(), at(20, 0).isoformat())
    assert standing.worse["worse_by"] == pytest.approx(0.1, abs=0.02)


def test_too_few_comparable_windows(monitor: Monitor) -> None:
    series(monitor, 0.9, 0.9)
    standing = stand(monitor, at(2))
    state, text = said(standing.as_before)
    assert state == "none"
    assert standing.worse is not None
    assert text == (
        f"Not known yet: about {standing.worse['needed']} more comparable windows with labels are needed."
    )


def test_without_labels_it_is_not_known(monitor: Monitor) -> None:
    monitor.label_delay_hours = 48
    monitor.save()
    checked(monitor, 0, labelled=0)
    assert said(stand(monitor, at(1)).as_before) == (
        "none",
        "Not known until the labels of 5 January 2026 arrive on 8 January 2026.",
    )


def test_a_change_against_the_window_before_is_partly(each_before: Monitor) -> None:
    series(each_before, *[0.9, 0.91] * 10)
    checked(each_before, 20, labelled=0, previous={"price": 3.0})
    standing = stand(each_before, at(21))
    assert said(standing.as_before) == (
        "warn",
        "In batch 21 1 of 5 columns differ from the comparable window before.",
    )
    assert standing.as_before.evidence == "batch:21"


def test_a_worse_estimate_is_partly(each_before: Monitor) -> None:
    for batch in series(each_before, *[0.9, 0.91] * 10):
        measure(batch, 0.9, half=0.01, estimated=True)
    for day in range(20, 26):
        measure(checked(each_before, day, labelled=0), 0.8, half=0.01, estimated=True)
    state, text = said(stand(each_before, at(26)).as_before)
    assert state == "warn"
    assert text.startswith("By estimates without labels “Accuracy” is worse since ")
    assert not each_before.alerts.filter(kind="worse").exists()


def test_undefined_is_stated_and_no_failure(each_before: Monitor) -> None:
    """Rooms in the holidays: one class alone has no AUC."""
    series(each_before, *[0.9, 0.91] * 10)
    holiday = checked(each_before, 20)
    why = Message("Only the class 0 occurs.").to_json()
    measure(holiday, None, undefined=why)
    standing = stand(each_before, at(21))
    state, text = said(standing.as_before)
    assert state == "ok"
    assert text.endswith("In the window of 25 January 2026 it is not defined: Only the class 0 occurs.")
    assert standing.at_all.state == "ok"
    assert not each_before.alerts.exists()


def test_windows_with_few_labels_do_not_count(each_before: Monitor) -> None:
    series(each_before, *[0.9, 0.91] * 10)
    for day in range(20, 26):
        measure(checked(each_before, day, labelled=40), 0.7)
    standing = stand(each_before, at(26))
    assert standing.as_before.state == "ok"
    assert standing.labels_until == at(20, 0).isoformat()


def test_another_champion_starts_anew(each_before: Monitor) -> None:
    series(each_before, *[0.9, 0.91] * 10)
    champion = each_before.models.get()
    champion.since = at(18, 0)
    champion.save()
    standing = stand(each_before, at(20))
    assert standing.as_before.state == "none"


def test_the_error_of_estimates(monitor: Monitor) -> None:
    for batch, estimate in zip(series(monitor, 0.9, 0.8, 0.7), (0.91, 0.78, 0.7), strict=True):
        measure(batch, estimate, estimated=True)
    standing = stand(monitor, at(3))
    assert standing.estimate_windows == 3
    assert standing.estimate_error == pytest.approx(0.01)
