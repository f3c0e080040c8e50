"""Texts told apart by their words: golden values on real sentences, and texts that say nothing."""

from __future__ import annotations

import json

import polars as pl
import pytest

from apps.compute.drift import text
from apps.compute.drift.evidence import Options, judge
from apps.compute.drift.registry import TESTS
from apps.compute.drift.result import Verdict
from apps.compute.drift.text import ABSOLUTE, PERCENTILE, TextDrift
from tests.golden import DATA

GOLDEN = json.loads((DATA / "golden/drift/sentiment_domain_classifier.json").read_text())["roc_auc"]
TOLERANCE = 0.04
HALF = pl.col("id").cast(pl.UInt64) * 2654435761 % 2**32 < 2**31


@pytest.fixture(scope="module")
def sentences() -> dict[str, pl.DataFrame]:
    table = pl.read_csv(DATA / "datasets" / "sentiment_sentences.csv")
    return {str(key[0]): part for key, part in table.partition_by("source", as_dict=True).items()}


def compared(reference: pl.Series, current: pl.Series, limit: float | None = None) -> TextDrift:
    return text.compare(reference, current, text.automatic(len(reference)), limit, Options())


@pytest.mark.parametrize(
    ("reference", "current", "words"),
    [
        ("amazon", "imdb", {("phone", "reference"), ("movie", "current")}),
        ("amazon", "yelp", {("phone", "reference"), ("food", "current")}),
        ("imdb", "yelp", {("movie", "reference"), ("food", "current")}),
    ],
)
def test_sites_are_told_apart(
    sentences: dict[str, pl.DataFrame], reference: str, current: str, words: set[tuple[str, str]]
) -> None:
    found = compared(sentences[reference]["text"], sentences[current]["text"])
    assert found.value == pytest.approx(GOLDEN[f"{reference}_vs_{current}"], abs=TOLERANCE)
    assert found.evidence is not None
    assert found.evidence.low < found.value < found.evidence.high
    assert found.evidence.effect == 2 * found.value - 1
    assert found.evidence.p_value < 1e-100
    assert words <= {(word.word, word.side) for word in found.words}
    assert judge(PERCENTILE, found.value, found.limit, found.evidence, 1e-9) is Verdict.DRIFT


def test_halves_of_one_site_are_not(sentences: dict[str, pl.DataFrame]) -> None:
    amazon = sentences["amazon"]
    found = compared(amazon.filter(HALF)["text"], amazon.filter(~HALF)["text"])
    assert found.value == pytest.approx(GOLDEN["null_amazon_hash_halves"], abs=TOLERANCE)
    assert found.evidence is not None
    assert found.evidence.low < 0.5 < found.evidence.high
    assert found.words == ()
    assert not PERCENTILE.is_flagged(found.value, found.limit)
    assert judge(PERCENTILE, found.value, found.limit, found.evidence, found.evidence.p_value) is Verdict.NONE


def test_choice_and_limits() -> None:
    assert text.automatic(1_000) is PERCENTILE is TESTS["perc_text_content_drift"]
    assert text.automatic(1_001) is ABSOLUTE is TESTS["abs_text_content_drift"]
    assert ABSOLUTE.strength(0.5, 0.55) == 0
    assert ABSOLUTE.strength(0.55, 0.55) == pytest.approx(1)
    sides = pl.Series(["good morning", "good evening"] * 50), pl.Series(["good night"] * 100)
    # 95 of 100 random classifiers of 50 and 50 texts stay below: Evidently simulates this percentile.
    assert compared(*sides).limit == pytest.approx(0.5 + 1.6449 * (101 / 30_000) ** 0.5, abs=1e-3)
    assert compared(*sides, 0.5).limit == 0.5
    assert compared(*sides, 1.0).limit == 1
    assert text.compare(*sides, ABSOLUTE, None, Options()).limit == 0.55
    assert text.compare(*sides, ABSOLUTE, 0.7, Options()).limit == 0.7


NO_WORDS, FEW = "no words", "at least"


@pytest.mark.parametrize(
    ("reference", "current", "reason"),
    [
        (["", "", ""], ["", ""], NO_WORDS),
        (["🎉", "?!"], ["…"], NO_WORDS),
        ([None, "only this one"], ["a text", "and another"], FEW),
    ],
)
def test_texts_that_cannot_be_compared(
    reference: list[str | None], current: list[str | None], reason: str
) -> None:
    times = 1 if reason == FEW else 20
    found = compared(pl.Series(reference * times), pl.Series(current * times))
    assert reason in str(found.reason)
    assert (found.value, found.evidence) == (None, None)


@pytest.mark.parametrize(
    ("reference", "current", "auc"),
    [
        (["all the same"], ["all the same"], 0.5),
        (["one"], ["other"], 1.0),
        (["", None], ["words at last", None], 1.0),
        (["一二三 四五"], ["六七 八九"], 1.0),
        (["x" * 100_000], ["y z"], 1.0),
    ],
)
def test_texts_of_little_variety(reference: list[str | None], current: list[str | None], auc: float) -> None:
    found = compared(pl.Series(reference * 20), pl.Series(current * 20))
    assert found.value == pytest.approx(auc)
    assert all(len(word.word) <= 40 for word in found.words)


@pytest.mark.slow
def test_chance_keeps_its_level(sentences: dict[str, pl.DataFrame]) -> None:
    """Random halves of one site: p-values of at most 5 % in about 5 % of them, and 0.5 in the interval."""
    texts = sentences["yelp"]["text"]
    runs, below, outside = 100, 0, 0
    for seed in range(runs):
        mixed = texts.shuffle(seed)
        found = compared(mixed[:150], mixed[150:400])
        assert found.evidence is not None
        below += found.evidence.p_value <= 0.05
        outside += not found.evidence.low <= 0.5 <= found.evidence.high
    assert below <= 0.1 * runs
    assert outside <= 0.1 * runs
