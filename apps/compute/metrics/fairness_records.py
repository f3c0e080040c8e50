"""Records of the metrics that compare the groups of a column with each other."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_LABELS = frozenset({"labels"})
_BINARY = frozenset({Task.BINARY})
_of_groups = partial(Metric, needs=_LABELS, of_groups=True, by_analysis=True)
_difference = partial(_of_groups, tasks=_BINARY, higher_is_better=False, unit="share")
_ratio = partial(_of_groups, tasks=_BINARY, higher_is_better=True, unit="ratio")
_error = partial(_difference, tasks=frozenset({Task.REGRESSION}), unit="target", high=None)

_SMALL_GROUPS = gettext_noop(
    "A difference between the largest and the smallest of many groups is above 0 by chance alone, the more "
    "so the smaller the groups are. Read the interval and the test of equality with it."
)
_SELECTION = gettext_noop(
    "Groups may rightly be selected at different rates when the outcome is not equally frequent among them. "
    "The number does not look at the truth at all: a model that guesses can be perfect."
)
_ODDS = gettext_noop(
    "It takes the recorded outcome for the truth. Where the records themselves treated groups differently, "
    "equal rates of error carry that on."
)
_RATIO = gettext_noop(
    "A ratio of two small rates moves much with few rows, and is 0 as soon as one group has none."
)
_PRECISION = gettext_noop(
    "With different prevalences, equal precision and equal error rates cannot hold at once unless the model "
    "is perfect (Chouldechova 2017)."
)

register(
    _difference(
        key="demographic_parity_difference",
        label=gettext_noop("Demographic parity difference"),
        description=gettext_noop("Largest minus smallest share of rows that are predicted positive."),
        source="fairlearn.metrics.demographic_parity_difference",
        formula="max_g P(decision | g) - min_g P(decision | g)",
        meaning=gettext_noop("How far apart the groups are in how often they are selected; 0 is equal."),
        misleads=_SELECTION,
    ),
    _ratio(
        key="demographic_parity_ratio",
        label=gettext_noop("Demographic parity ratio"),
        description=gettext_noop("Smallest over largest share of rows that are predicted positive."),
        source="fairlearn.metrics.demographic_parity_ratio",
        formula="min_g P(decision | g) / max_g P(decision | g)",
        meaning=gettext_noop(
            "How often the group selected least is selected for each selection of the group selected most; "
            "1 is equal. United States guidelines look closer below 0.8 (the four-fifths rule)."
        ),
        misleads=_SELECTION,
    ),
    _difference(
        key="equalized_odds_difference",
        label=gettext_noop("Equalised odds difference"),
        description=gettext_noop("The larger of the differences of recall and of false alarms."),
        source="fairlearn.metrics.equalized_odds_difference (worst case)",
        formula="max(max_g tpr - min_g tpr, max_g fpr - min_g fpr)",
        meaning=gettext_noop(
            "How far apart the groups are in how often the model is right about those who have the outcome, "
            "or wrong about those who do not, whichever is worse; 0 is equal."
        ),
        misleads=_ODDS,
    ),
    _ratio(
        key="equalized_odds_ratio",
        label=gettext_noop("Equalised odds ratio"),
        description=gettext_noop("The smaller of the ratios of recall and of false alarms."),
        source="fairlearn.metrics.equalized_odds_ratio (worst case)",
        formula="min(min_g tpr / max_g tpr, min_g fpr / max_g fpr)",
        meaning=gettext_noop("The worse of the two ratios of error rates between groups; 1 is equal."),
        misleads=_RATIO,
    ),
    _difference(
        key="equal_opportunity_difference",
        label=gettext_noop("Equal opportunity difference"),
        description=gettext_noop("Largest minus smallest recall of the groups."),
        source="fairlearn.metrics.equal_opportunity_difference",
        formula="max_g tpr - min_g tpr",
        meaning=gettext_noop(
            "How far apart the groups are in how often those who have the outcome are found; 0 is equal."
        ),
        misleads=_ODDS,
    ),
    _ratio(
        key="equal_opportunity_ratio",
        label=gettext_noop("Equal opportunity ratio"),
        description=gettext_noop("Smallest over largest recall of the groups."),
        source="fairlearn.metrics.equal_opportunity_ratio",
        formula="min_g tpr / max_g tpr",
        meaning=gettext_noop(
            "How often the outcome is found in the worst group for each time it is in the best; 1 is equal."
        ),
        misleads=_ODDS,
    ),
    _difference(
        key="predictive_parity_difference",
        label=gettext_noop("Predictive parity difference"),
        description=gettext_noop("Largest minus smallest precision of the groups."),
        source="Chouldechova 2017; max - min of sklearn.metrics.precision_score by group",
        formula="max_g precision - min_g precision",
        meaning=gettext_noop(
            "How far apart the groups are in how often a positive prediction comes true; 0 is equal."
        ),
        misleads=_PRECISION,
    ),
    _ratio(
        key="predictive_parity_ratio",
        label=gettext_noop("Predictive parity ratio"),
        description=gettext_noop("Smallest over largest precision of the groups."),
        source="Chouldechova 2017; min / max of sklearn.metrics.precision_score by group",
        formula="min_g precision / max_g precision",
        meaning=gettext_noop("The precision in the worst group over that in the best; 1 is equal."),
        misleads=_PRECISION,
    ),
    _difference(
        key="accuracy_difference",
        label=gettext_noop("Accuracy difference"),
        tasks=frozenset({Task.BINARY, Task.MULTICLASS}),
        description=gettext_noop("Largest minus smallest accuracy of the groups."),
        source="fairlearn.metrics.MetricFrame.difference of sklearn.metrics.accuracy_score",
        formula="max_g accuracy - min_g accuracy",
        meaning=gettext_noop("How far apart the groups are in how often the model is right; 0 is equal."),
        misleads=_SMALL_GROUPS,
    ),
    _ratio(
        key="accuracy_ratio",
        label=gettext_noop("Accuracy ratio"),
        description=gettext_noop("Smallest over largest accuracy of the groups."),
        source="fairlearn.metrics.MetricFrame.ratio of sklearn.metrics.accuracy_score",
        formula="min_g accuracy / max_g accuracy",
        meaning=gettext_noop("The accuracy in the worst group over that in the best; 1 is equal."),
        misleads=_SMALL_GROUPS,
    ),
    _error(
        key="mean_error_difference",
        label=gettext_noop("Mean error difference"),
        description=gettext_noop("Largest minus smallest mean of prediction minus truth of the groups."),
        source="max - min of mean(prediction - truth) by group",
        formula="max_g mean(prediction - truth) - min_g mean(prediction - truth)",
        meaning=gettext_noop(
            "How much more one group is overestimated than another, in the unit of the target; 0 is equal."
        ),
        misleads=_SMALL_GROUPS,
    ),
    _error(
        key="mae_difference",
        label=gettext_noop("MAE difference"),
        description=gettext_noop("Largest minus smallest mean absolute error of the groups."),
        source="max - min of sklearn.metrics.mean_absolute_error by group",
        formula="max_g MAE - min_g MAE",
        meaning=gettext_noop(
            "How much farther from the truth the predictions are in the worst group than in the best; 0 is "
            "equal."
        ),
        misleads=gettext_noop(
            "A group whose target is larger or varies more has larger errors at the same quality of the "
            "model."
        ),
    ),
)
