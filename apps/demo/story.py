"""What the demo consists of: teams' projects on real data. Numbers are computed, never written here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoRun:
    file: str
    model: str
    version: str
    day: str  # of the evaluation, ISO
    baseline: bool = False
    notes: str = ""


@dataclass(frozen=True, slots=True)
class DemoProject:
    slug: str
    name: str
    description: str
    folder: str
    truth: str
    runs: tuple[DemoRun, ...]
    cross_slices: tuple[tuple[str, ...], ...] = ()


PROJECTS = (
    DemoProject(
        slug="income-screening",
        name="Income screening",
        description="Which applicants earn more than 50,000 a year? Real census data (UCI 2, CC BY 4.0).",
        folder="adult",
        truth="truth.parquet",
        cross_slices=(("sex", "race"),),
        runs=(
            DemoRun("pred_rule.csv.gz", "education and marriage rule", "1", "2026-09-07", baseline=True),
            DemoRun("pred_lr.csv.gz", "logistic regression", "1", "2026-09-21"),
            DemoRun("pred_hgb.csv.gz", "gradient boosting", "1", "2026-10-05"),
        ),
    ),
    DemoProject(
        slug="power-price",
        name="Electricity price direction",
        description="Does the price rise above its mean of the last day? New South Wales, 1996 to 1998.",
        folder="elec2",
        truth="truth.parquet",
        runs=(
            DemoRun(
                "pred_rule_persistence.parquet",
                "same as last label",
                "1",
                "2026-09-02",
                baseline=True,
                notes="The rule to beat: the direction of the last half hour holds.",
            ),
            DemoRun("pred_lr.parquet", "logistic regression", "first 90 days", "2026-09-16"),
            DemoRun("pred_hgb.parquet", "gradient boosting", "first 90 days", "2026-09-30"),
        ),
    ),
    DemoProject(
        slug="bike-demand",
        name="Bike rental demand",
        description="Rentals per hour, models fitted on 2011 and judged on 2012 too (UCI 275, CC BY 4.0).",
        folder="bike",
        truth="truth.csv.gz",
        runs=(
            DemoRun("pred_rule.csv.gz", "mean by weekday and hour", "1", "2026-08-17", baseline=True),
            DemoRun("pred_ridge.csv.gz", "ridge regression", "1", "2026-08-31"),
            DemoRun("pred_hgb.csv.gz", "gradient boosting", "1", "2026-09-14"),
        ),
    ),
    DemoProject(
        slug="room-occupancy",
        name="Room occupancy",
        description="How many people are in the room? Four sensors, 10,129 readings (UCI 864, CC BY 4.0).",
        folder="room_occupancy",
        truth="truth.csv.gz",
        runs=(
            DemoRun("pred_rule_lights.csv.gz", "count the lights", "1", "2026-10-01", baseline=True),
            DemoRun("pred_lr.csv.gz", "logistic regression", "1", "2026-10-12"),
            DemoRun("pred_rf.csv.gz", "random forest", "1", "2026-10-26"),
        ),
    ),
    DemoProject(
        slug="review-sentiment",
        name="Review sentiment",
        description="Is a sentence of a review positive? Trained on one shop, judged on three (UCI 331).",
        folder="sentiment",
        truth="truth.csv",
        runs=(
            DemoRun("pred_rule.csv", "word list", "1", "2026-10-19", baseline=True),
            DemoRun("pred_nb.csv", "naive Bayes", "1", "2026-11-02"),
            DemoRun("pred_lr.csv", "logistic regression", "1", "2026-11-09"),
        ),
    ),
    DemoProject(
        slug="nba-forecasts",
        name="NBA game forecasts",
        description="Published probabilities of a home win, 8,886 games (FiveThirtyEight, CC BY 4.0).",
        folder="nba_538",
        truth="truth.csv.gz",
        runs=(DemoRun("pred_fivethirtyeight.csv.gz", "Elo forecasts", "2015 to 2022", "2026-11-16"),),
    ),
    DemoProject(
        slug="image-labels",
        name="Image label audit",
        description="Ten classes, 10,000 images, and labels that people found to be wrong (Apache-2.0).",
        folder="cifar10_label_errors",
        truth="truth.csv.gz",
        runs=(
            DemoRun("pred_cleanlab_cnn.parquet", "convolutional network", "cross-validated", "2026-11-20"),
        ),
    ),
)
