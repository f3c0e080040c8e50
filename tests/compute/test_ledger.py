"""Kinds from facts, totals of the lecture's table, and advice that does not say more than the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apps.common.formats import message
from apps.compute.ledger import Entry, Facts, Kind, classify, summary
from apps.compute.ledger_advice import advice
from apps.compute.messages import Quantity

TABLE = Path(__file__).parent.parent / "data" / "golden" / "data_vs_model_centric_table.json"
BEFORE = Facts("d1", "c1", {"depth": 3}, frozenset({"a"}))


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (BEFORE, Kind.NONE),
        (Facts("d2", "c1", {"depth": 3}), Kind.DATA),
        (Facts("d1", "c1", {"depth": 3}, frozenset({"a", "b"})), Kind.DATA),
        (Facts("d1", "c2", {"depth": 3}), Kind.MODEL),
        (Facts("d1", "c1", {"depth": 4}), Kind.MODEL),
        (Facts("d1", None, {"depth": 4}), Kind.MODEL),  # whatever the code
        (Facts("d2", "c2", {"depth": 3}), Kind.BOTH),
        (Facts("d2", None, {"depth": 3}), Kind.UNKNOWN),
        (Facts(None, "c2", {"depth": 3}), Kind.UNKNOWN),
        (Facts("d1", "c1", None), Kind.UNKNOWN),
    ],
)
def test_the_kind_of_a_change_follows_from_facts(after: Facts, kind: Kind) -> None:
    assert classify(BEFORE, after).kind is kind


def test_what_is_missing_is_named() -> None:
    found = classify(BEFORE, Facts(None, None, {"depth": 3}))
    assert "hash of the training data, revision of the code." in message(found.sentence)
    both = classify(BEFORE, Facts("d2", "c2", {"depth": 4}))
    assert [(run.data_hash, run.code_revision, run.parameters) for run in both.combinations] == [
        ("d1", "c2", {"depth": 4}),
        ("d2", "c1", {"depth": 3}),
    ]
    assert "Run the missing combination" in message(both.sentence)


def test_the_table_of_the_lecture() -> None:
    shares, gains = [], []
    for row in json.loads(TABLE.read_text())["rows"]:
        start = row["baseline"]
        entries = [
            Entry("model", Kind.MODEL, row["model_centric_total"] - start, measured=False),
            Entry("data", Kind.DATA, row["data_centric_total"] - start, measured=False),
        ]
        found = summary(entries, higher_is_better=True)
        assert found.kept[Kind.MODEL].gain == pytest.approx(row["model_centric_gain"])
        assert found.kept[Kind.DATA].gain == pytest.approx(row["data_centric_gain"])
        assert not found.kept[Kind.DATA].measured
        gains.append([found.kept[kind].gain for kind in (Kind.MODEL, Kind.DATA)])
        shares.append(found.data_share)
        (said,) = advice(found)
        assert message(said).startswith("Data work brought ")
        assert "not beyond doubt, and days of work are missing or 0" in message(said)
    assert gains == [pytest.approx([0, 16.9]), pytest.approx([0.04, 3.06])]
    assert shares == pytest.approx([1.0, 3.06 / 3.10])


#: The mock-up of the comparison page.
LEDGER = [
    Entry("Wrong labels removed", Kind.DATA, 0.014, 0.009, 0.019, 3, 1_900),
    Entry("Graph features", Kind.DATA, 0.017, 0.011, 0.023, 5, 3_300),
    Entry("Recent months weighted", Kind.DATA, 0.004, -0.001, 0.009, 1, 600),
    Entry("Depth and rate tuned", Kind.MODEL, 0.003, 0.000, 0.006, 4, 2_700),
    Entry("Monotonic constraints", Kind.MODEL, -0.003, -0.006, 0.000, 1, 600),
    Entry("Three seeds averaged", Kind.MODEL, 0.004, 0.001, 0.007, 2, 1_400),
    Entry("Sequence model", Kind.MODEL, 0.016, 0.003, 0.029, 12, 9_400, kept=False),
]


def test_totals_rates_and_what_was_dropped() -> None:
    found = summary(LEDGER, higher_is_better=True)
    data, model = found.kept[Kind.DATA], found.kept[Kind.MODEL]
    assert (data.gain, data.low, data.high) == pytest.approx((0.035, 0.019, 0.051))
    assert (data.days, data.cost) == (9, 5_800)
    assert (model.gain, model.days, model.cost) == pytest.approx((0.004, 7, 4_700))
    assert (found.whole.gain, found.whole.cost) == pytest.approx((0.039, 10_500))
    assert data.per_day is not None
    assert data.per_day.value == pytest.approx(0.035 / 9)
    assert data.per_thousand is not None
    assert data.per_thousand.value == pytest.approx(0.035 / 5.8)
    assert found.dropped[Kind.MODEL].days == 12
    assert (found.tried[Kind.MODEL].gain, found.tried[Kind.MODEL].days) == pytest.approx((0.004, 19))
    assert found.data_share == pytest.approx(0.035 / 0.039)
    (said,) = advice(found)
    assert message(said).endswith("which is beyond doubt. The next bet: data work.")


def test_a_measured_whole_replaces_the_sum() -> None:
    direct = Entry("38 to 42", Kind.BOTH, 0.039, 0.028, 0.051)
    assert summary(LEDGER, True, end_to_end=direct).whole.low == 0.028


def test_less_is_better_turns_gains_and_bounds() -> None:
    found = summary([Entry("fewer errors", Kind.DATA, -2.0, -3.0, -0.5)], higher_is_better=False)
    total = found.kept[Kind.DATA]
    assert (total.gain, total.low, total.high) == (2.0, 0.5, 3.0)


def test_no_days_divide_nothing() -> None:
    entries = [Entry("a", Kind.DATA, 1.0, 0.5, 1.5, days=0, cost=0), Entry("b", Kind.MODEL, 0.1, 0.0, 0.2)]
    found = summary(entries, True)
    assert found.kept[Kind.DATA].per_day is None
    assert found.kept[Kind.DATA].per_thousand is None
    assert found.kept[Kind.MODEL].days is None
    (said,) = advice(found)
    assert "beyond doubt. Days of work are missing or 0" in message(said)


def test_what_cannot_be_told_is_said() -> None:
    assert "Change one of them" in message(advice(summary([], True))[0])
    only_data = [Entry("a", Kind.DATA, 1.0)]
    assert message(advice(summary(only_data, True))[0]).startswith(
        "Only one kind of work was tried: data work."
    )
    lost = [Entry("a", Kind.DATA, -1.0), Entry("b", Kind.MODEL, 0.0)]
    assert message(advice(summary(lost, True))[0]).startswith(
        "Neither kind of work gained anything: Model work"
    )
    mixed = [Entry("a <b>", Kind.BOTH, 1.0), Entry("c", Kind.UNKNOWN, 1.0)]
    noise = Quantity(0.05, "share", 0.03, 0.07)
    said = [message(each) for each in advice(summary(mixed, True), label_noise=noise)]
    assert "1, such as “a <b>”. Run the missing combination" in said[1]
    assert "Give the hash of the training data" in said[2]
    assert said[3].startswith("About 5% of the labels")
    few = advice(summary(mixed, True), label_noise=Quantity(0.01, "share", 0.0, 0.02))
    assert "no clear bet" in message(few[-1])
