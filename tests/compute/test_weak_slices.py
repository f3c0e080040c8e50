"""The search for weak slices: planted ones are found, nothing is found in noise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import fisher_exact, ttest_ind
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from apps.compute.messages import InputRejected
from apps.compute.slices import MISSING
from apps.compute.weak_slices import SearchSpec, search
from apps.compute.weak_slices_result import Kind, SliceSearch, WeakSlice

ADULT = Path(__file__).parent.parent / "data" / "predictions" / "adult"


def named(found: WeakSlice) -> dict[str, str]:
    return {condition.column: condition.value for condition in found.conditions}


def noise(rows: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "shop": rng.choice(["north", "south", "east", "west"], rows),
            "day": rng.integers(1, 8, rows),
            "price": rng.gamma(2.0, 10.0, rows),
        }
    )


def test_a_weak_value_and_its_numbers() -> None:
    frame = noise(4000, 1)
    weak = (frame["shop"] == "east").to_numpy()
    loss = (np.random.default_rng(2).random(4000) < np.where(weak, 0.3, 0.1)).astype(float)
    result = search(frame, frame.columns, loss, amount=loss * 7)
    (found,) = result.found
    assert named(found) == {"shop": "east"}
    ours = int(loss[weak].sum()), int(weak.sum())
    rest = int(loss[~weak].sum()), int((~weak).sum())
    assert (found.n, found.mean, found.rest) == (ours[1], ours[0] / ours[1], rest[0] / rest[1])
    assert found.difference == pytest.approx(loss[weak].mean() - loss.mean())
    assert found.difference_low < found.difference < found.difference_high
    assert (found.low, found.high) == pytest.approx(proportion_confint(*ours, method="wilson"))
    assert found.share_of_rows == weak.mean()
    assert found.share_of_loss == ours[0] / loss.sum()
    assert found.money == 7 * ours[0]
    table = [[ours[0], ours[1] - ours[0]], [rest[0], rest[1] - rest[0]]]
    assert found.p == pytest.approx(fisher_exact(table, alternative="greater").pvalue, rel=1e-9)
    assert found.corrected == pytest.approx(found.p * result.looked)


def test_every_slice_that_is_judged_is_a_look() -> None:
    frame = noise(4000, 1).select("shop", "day")
    loss = np.random.default_rng(2).random(4000)
    crossed = frame.group_by("shop", "day").len()["len"]
    result = search(frame, frame.columns, loss, spec=SearchSpec(least=140))
    assert result.looked == 4 + 7 + (crossed >= 140).sum()
    assert result.too_small == (crossed < 140).sum() > 0
    assert result.found == ()


def test_holms_correction_is_over_all_looks() -> None:
    frame = noise(3000, 3).select("shop")
    loss = np.random.default_rng(4).random(3000) + np.where(frame["shop"] == "east", 0.1, 0.0)
    (found,) = search(frame, ["shop"], loss).found
    p = [
        ttest_ind(
            loss[inside := (frame["shop"] == shop).to_numpy()],
            loss[~inside],
            equal_var=False,
            alternative="greater",
        ).pvalue
        for shop in ("east", "north", "south", "west")
    ]
    # Welch's test, a little wider where the rest varies more than the slice itself.
    assert found.p == pytest.approx(p[0], rel=0.2)
    assert found.corrected == pytest.approx(multipletests([found.p, *p[1:]], method="holm")[1][0])


def test_a_weak_crossing_is_shown_without_its_shadows() -> None:
    frame = noise(6000, 5)
    weak = ((frame["shop"] == "east") & (frame["day"] == 3)).to_numpy()
    loss = np.random.default_rng(6).random(6000) + weak * 0.5
    result = search(frame, frame.columns, loss)
    assert named(result.found[0]) == {"shop": "east", "day": "3"}
    assert result.found[0].n == weak.sum()
    assert result.found[0].mean == pytest.approx(loss[weak].mean())
    # A crossing of a weak column with anything else is only that column again.
    assert all(len(each.conditions) == 1 for each in result.found[1:])


def test_a_weak_band_of_numbers() -> None:
    frame = noise(5000, 7)
    weak = (frame["price"] > frame["price"].quantile(0.9, "nearest")).to_numpy()
    loss = np.random.default_rng(8).random(5000) + weak * 0.3
    (found,) = search(frame, frame.columns, loss).found
    (condition,) = found.conditions
    assert (condition.column, condition.kind, condition.high) == ("price", Kind.BAND, None)
    inside = (frame["price"] >= condition.low).to_numpy()
    assert found.n == inside.sum() == 500
    assert found.mean == pytest.approx(loss[inside].mean())


def test_missing_and_rare_values() -> None:
    rng = np.random.default_rng(9)
    texts = np.array([None, "usual", *(f"rare {i}" for i in range(40))], dtype=object)
    code = rng.choice(len(texts), 4000, p=[0.1, 0.7, *[0.2 / 40] * 40])
    frame = pl.DataFrame({"a": pl.Series(texts[code].tolist())})
    loss = rng.random(4000) + np.where(code == 0, 0.5, np.where(code > 1, 0.9, 0.0))
    other, missing = search(frame, ["a"], loss, spec=SearchSpec(least=50)).found
    assert (other.conditions[0].kind, other.conditions[0].listed) == (Kind.OTHER, ("usual",))
    assert other.n == (code > 1).sum()
    assert (missing.conditions[0].kind, missing.conditions[0].value) == (Kind.MISSING, MISSING)
    assert missing.n == frame["a"].null_count()


def test_slices_of_the_same_rows_are_shown_once() -> None:
    frame = noise(4000, 1).with_columns(area=pl.col("shop").str.to_uppercase())
    loss = np.random.default_rng(2).random(4000) + np.where(frame["shop"] == "east", 0.5, 0)
    result = search(frame, ["shop", "area"], loss)
    assert [named(each) for each in result.found] == [{"shop": "east"}]
    assert result.alike == 1


def test_weights_count_rows() -> None:
    """Whole weights have the means of repeated rows; equal weights change nothing."""
    frame = noise(3000, 3)
    rng = np.random.default_rng(4)
    loss = rng.random(3000) + np.where(frame["shop"] == "east", 0.3, 0.0)
    weight = rng.integers(1, 4, 3000).astype(float)
    (found,) = search(frame, ["shop"], loss, weight=weight).found
    inside = (frame["shop"] == "east").to_numpy()
    assert found.mean == pytest.approx(np.average(loss[inside], weights=weight[inside]))
    assert found.rest == pytest.approx(np.average(loss[~inside], weights=weight[~inside]))
    assert found.share_of_rows == pytest.approx(weight[inside].sum() / weight.sum())
    plain, equal = (search(frame, ["shop"], loss, weight=w).found[0] for w in (None, np.full(3000, 2.0)))
    assert (equal.low, equal.high, equal.p) == pytest.approx((plain.low, plain.high, plain.p))


def test_the_result_survives_json() -> None:
    frame = noise(4000, 1)
    loss = np.random.default_rng(2).random(4000) + np.where(frame["shop"] == "east", 0.5, 0)
    result = search(frame, frame.columns, loss)
    assert SliceSearch.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False))) == result


def test_adult_as_a_group_by_finds_it() -> None:
    truth = pl.read_parquet(ADULT / "truth.parquet")
    frame = truth.join(pl.read_csv(ADULT / "pred_hgb.csv.gz"), on="id")
    frame = frame.with_columns(wrong=(pl.col("y_true") != pl.col("y_pred")).cast(pl.Float64))
    columns = ["sex", "education", "marital-status", "occupation"]
    result = search(frame, columns, frame["wrong"].to_numpy())
    assert result.found
    for found in result.found:
        grouped = frame.group_by(*named(found)).agg(pl.len(), pl.col("wrong").mean())
        row = grouped.filter(*(pl.col(name) == value for name, value in named(found).items()))
        assert (found.n, found.mean) == pytest.approx((row["len"].item(), row["wrong"].item()))
    single = frame.group_by("marital-status").agg(pl.len(), pl.col("wrong").mean())
    worst = single.filter(pl.col("len") >= result.least).sort("wrong")["marital-status"][-1]
    assert {"marital-status": worst} in [named(each) for each in result.found]


def _any_found(seed: int, *, skewed: bool) -> bool:
    rng = np.random.default_rng(seed)
    frame = noise(1500, seed)
    loss = rng.exponential(size=1500) ** 2 if skewed else (rng.random(1500) < 0.03).astype(float)
    return bool(search(frame, frame.columns, loss).found)


@pytest.mark.parametrize("skewed", [False, True])
def test_noise_has_no_weak_slices(skewed: bool) -> None:
    """25 at 5 % each: more than 4 have a probability of 0.7 %."""
    assert sum(_any_found(seed, skewed=skewed) for seed in range(25)) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("skewed", [False, True])
def test_false_alarms_stay_below_five_percent(skewed: bool) -> None:
    alarms = sum(_any_found(seed, skewed=skewed) for seed in range(2000))
    assert alarms / 2000 <= 0.05 + 1.645 * np.sqrt(0.05 * 0.95 / 2000)


def rejected(frame: pl.DataFrame, columns: list[str], loss: np.ndarray, **more: SearchSpec) -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        search(frame, columns, loss, **more)
    return caught.value


def test_what_cannot_be_searched() -> None:
    frame, loss = noise(200, 0), np.zeros(200)
    assert rejected(frame, [], loss).code == "no_columns"
    assert rejected(frame, ["planet"], loss).column == "planet"
    assert rejected(frame, ["shop"], loss, spec=SearchSpec(least=1)).code == "slice_of_one_row"
    assert rejected(frame.head(50), ["shop"], loss[:50]).code == "too_few_rows"
    loss[7] = np.nan
    assert (rejected(frame, ["shop"], loss).code, rejected(frame, ["shop"], loss).row) == ("no_loss", 8)


def test_a_loss_that_is_the_same_everywhere() -> None:
    frame = noise(200, 0)
    for value in (0.0, 1.0, 0.3):
        assert search(frame, frame.columns, np.full(200, value)).found == ()
