"""Little's law. The classic: batches of 100 in 0.3 s; 300 calls one after another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from apps.compute.queueing import Load, concurrency_needed, longest_call_ms


def test_batches_of_a_hundred() -> None:
    """They give 300 rows per second, and each row waits 300 ms."""
    load = Load(batch_size=100, concurrency=1, call_ms=1_000 / 3)
    assert load.throughput == pytest.approx(300)
    assert Load(100, 1, 300.0).throughput == pytest.approx(1_000 / 3)
    assert Load(100, 1, 300.0).latency_ms == 300.0


def test_one_after_another() -> None:
    """300 calls of 300 ms take 90 s; in batches of 100 they take 0.9 s."""
    assert Load(1, 1, 300.0).seconds_for(300) == pytest.approx(90.0)
    assert Load(100, 1, 300.0).seconds_for(300) == pytest.approx(0.9)
    assert Load(100, 1, 300.0).seconds_for(301) == pytest.approx(1.2)


@pytest.mark.parametrize("load", [Load(), Load(100), Load(100, 1), Load(None, 1, 300.0)])
def test_what_is_unsaid_says_nothing(load: Load) -> None:
    assert load.throughput is None
    assert load.seconds_for(10) is None


def test_over_fills_in() -> None:
    assert Load(batch_size=10).over(Load(20, 2, 5.0)) == Load(10, 2, 5.0)


@pytest.mark.parametrize(
    ("per_second", "latency_ms", "batch", "calls"),
    [(300, 300, 100, 1), (300, 300, 1, 90), (1_200, 80, 1, 96), (100, 10, 1, 1), (101, 10, 1, 2)],
)
def test_calls_at_a_time(per_second: float, latency_ms: float, batch: int, calls: int) -> None:
    assert concurrency_needed(per_second, latency_ms, batch) == calls
    assert Load(batch, calls, latency_ms).throughput >= per_second


def test_longest_call() -> None:
    call = longest_call_ms(300, batch_size=100, concurrency=1)
    assert call == pytest.approx(1_000 / 3)
    assert Load(100, 1, call).throughput == pytest.approx(300)


def test_a_simulated_server_obeys() -> None:
    """Calls that start as soon as one of three places is free: rows per second as the law says."""
    calls, places, batch, call_ms = 3_000, 3, 8, 25.0
    free_at = np.zeros(places)
    for _ in range(calls):
        place = int(free_at.argmin())
        free_at[place] += call_ms
    measured = calls * batch / (free_at.max() / 1_000)
    assert measured == pytest.approx(Load(batch, places, call_ms).throughput)


def test_no_throughput_allows_any_call() -> None:
    assert longest_call_ms(0.0, 100, 1) == math.inf
