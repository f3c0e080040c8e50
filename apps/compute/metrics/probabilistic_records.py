"""Records of the metrics of predicted distributions."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

#: Probabilities with which central intervals should hold the truth.
LEVELS = (0.5, 0.8, 0.9, 0.95)
CALIBRATION = "quantile_calibration_error"


def percent(level: float) -> int:
    return round(100 * level)


_distribution = partial(
    Metric,
    tasks=frozenset({Task.PROBABILISTIC}),
    higher_is_better=False,
    needs=frozenset({"labels"}),
    high=None,
)

#: A label has to be a text of its own for translators, so each level has one.
_COVERAGE = (
    gettext_noop("Coverage of the interval at 50 %"),
    gettext_noop("Coverage of the interval at 80 %"),
    gettext_noop("Coverage of the interval at 90 %"),
    gettext_noop("Coverage of the interval at 95 %"),
)
_WIDTH = (
    gettext_noop("Width of the interval at 50 %"),
    gettext_noop("Width of the interval at 80 %"),
    gettext_noop("Width of the interval at 90 %"),
    gettext_noop("Width of the interval at 95 %"),
)
_SCORE = (
    gettext_noop("Interval score at 50 %"),
    gettext_noop("Interval score at 80 %"),
    gettext_noop("Interval score at 90 %"),
    gettext_noop("Interval score at 95 %"),
)

register(
    _distribution(
        key="crps",
        label=gettext_noop("CRPS"),
        unit="target",
        headline=True,
        description=gettext_noop(
            "Continuous ranked probability score: how far the whole predicted distribution is from "
            "the truth, "
            "in the unit of the target."
        ),
        source=(
            "Gneiting & Raftery 2007; normal: Gneiting et al. 2005; quantiles: twice the mean pinball loss"
        ),
        formula="(1 / n) Σ ∫ (Fᵢ(x) − [tᵢ ≤ x])² dx",
        meaning=gettext_noop(
            "The mean absolute error of a distribution: without any spread it is exactly that. It rewards "
            "being near and being honest about the doubt."
        ),
        misleads=gettext_noop(
            "Its size depends on the unit and the data. From quantiles it is an approximation that "
            "depends on "
            "which levels were given, so it only compares between files with the same levels."
        ),
    ),
    _distribution(
        key="log_score",
        label=gettext_noop("Log score"),
        unit="score",
        low=None,
        headline=True,
        needs=frozenset({"labels", "std"}),
        description=gettext_noop("Mean of the negative logarithm of the normal density at the truth."),
        source="Good 1952; Gneiting & Raftery 2007",
        formula="(1 / n) Σ (zᵢ² / 2 + ln sᵢ + ln(2π) / 2), zᵢ = (tᵢ − pᵢ) / sᵢ",
        meaning=gettext_noop(
            "How probable the truth was under the predicted normal distributions; lower is better, "
            "and it may "
            "be below 0."
        ),
        misleads=gettext_noop(
            "A few truths many standard deviations away decide it, and it changes with the unit. It "
            "takes the "
            "normal shape for granted."
        ),
    ),
    *(
        _distribution(
            key=f"coverage_{percent(level)}",
            label=label,
            higher_is_better=None,
            unit="share",
            high=1.0,
            headline=True,
            description=gettext_noop(
                "Share of the rows whose truth lies in the central interval of this level, ends included."
            ),
            source="mean(low <= t <= high)",
            formula="(1 / n) Σ [lᵢ ≤ tᵢ ≤ uᵢ]",
            meaning=gettext_noop(
                "It should be the level itself: less means that the model is too sure, more that it is too "
                "unsure."
            ),
            misleads=gettext_noop(
                "The right share over all rows may hide that some groups are covered far less. Wide enough "
                "intervals always cover: read it with the width."
            ),
        )
        for level, label in zip(LEVELS, _COVERAGE, strict=True)
    ),
    *(
        _distribution(
            key=f"interval_score_{percent(level)}",
            label=label,
            unit="target",
            headline=level > 0.5,
            description=gettext_noop(
                "Width of the central interval, plus a fine for each truth outside that grows with the "
                "distance."
            ),
            source="Winkler 1972; Gneiting & Raftery 2007, eq. 43",
            formula="(1 / n) Σ (uᵢ − lᵢ + 2 / (1 − level) · distance of tᵢ from the interval)",
            meaning=gettext_noop(
                "One number for narrow intervals that cover: the lower the better, in the unit of the target."
            ),
            misleads=gettext_noop(
                "At high levels a few truths far outside decide it. Levels do not compare with each other."
            ),
        )
        for level, label in zip(LEVELS, _SCORE, strict=True)
    ),
    _distribution(
        key=CALIBRATION,
        label=gettext_noop("Calibration error of quantiles"),
        unit="share",
        high=1.0,
        headline=True,
        description=gettext_noop(
            "Mean gap between the level of a quantile and the share of the rows whose truth is at or "
            "below it."
        ),
        source="Kuleshov, Fenner & Ermon 2018, with absolute gaps; normal: levels .05 to .95",
        formula="mean over levels q of |share of rows with tᵢ ≤ quantile q − q|",
        meaning=gettext_noop("How far the promised probabilities are from what happens; 0 is honest."),
        misleads=gettext_noop(
            "Chance alone makes it greater than 0, the more the fewer rows. It does not see whether the "
            "distributions are narrow enough to be useful."
        ),
    ),
    *(
        _distribution(
            key=f"width_{percent(level)}",
            label=label,
            higher_is_better=None,
            unit="target",
            description=gettext_noop("Mean width of the central interval of this level (sharpness)."),
            source="mean(high - low); Gneiting, Balabdaoui & Raftery 2007",
            formula="(1 / n) Σ (uᵢ − lᵢ)",
            meaning=gettext_noop("How much the model leaves open, in the unit of the target."),
            misleads=gettext_noop("Narrow is only good where it covers: compare widths at equal coverage."),
        )
        for level, label in zip(LEVELS, _WIDTH, strict=True)
    ),
)
