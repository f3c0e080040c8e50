"""Records of the metrics that only classification into several classes has."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.classification import LABELS, PROBABILITY
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_multiclass = partial(Metric, tasks=frozenset({Task.MULTICLASS}), unit="share")
_label = partial(_multiclass, higher_is_better=True, needs=LABELS)
_probability = partial(_multiclass, higher_is_better=True, needs=PROBABILITY)
_error = partial(_multiclass, higher_is_better=False, needs=PROBABILITY)

_MACRO = gettext_noop("Mean over all classes, each counting the same; 0 for a class that has none.")
_MICRO = gettext_noop("Over all rows together. With one label per row this equals accuracy.")
_WEIGHTED = gettext_noop("Mean over the classes, weighted by how often each truly occurs.")
_TOP = gettext_noop("Share of rows whose true class is among the classes of the highest probabilities.")

register(
    _label(
        key="f1_macro",
        label=gettext_noop("F1, macro"),
        headline=True,
        description=_MACRO,
        source="sklearn.metrics.f1_score, average='macro', zero_division=0",
        formula="(1 / K) Σₖ 2 TPₖ / (2 TPₖ + FPₖ + FNₖ)",
        meaning=gettext_noop("How well a class is found and rightly named, on average over the classes."),
        misleads=gettext_noop(
            "Rare classes count like common ones, so a handful of their rows moves it much. Look at the "
            "table of classes to see which."
        ),
    ),
    _label(
        key="precision_macro",
        label=gettext_noop("Precision, macro"),
        headline=True,
        description=_MACRO,
        source="sklearn.metrics.precision_score, average='macro', zero_division=0",
        formula="(1 / K) Σₖ TPₖ / (TPₖ + FPₖ)",
        meaning=gettext_noop("How often a named class is the right one, on average over the classes."),
        misleads=gettext_noop(
            "Rare classes count like common ones, so a handful of their rows moves it much. Look at the "
            "table of classes to see which. A class that is never named counts as 0."
        ),
    ),
    _label(
        key="recall_macro",
        label=gettext_noop("Recall, macro"),
        headline=True,
        description=_MACRO,
        source="sklearn.metrics.recall_score, average='macro', zero_division=0",
        formula="(1 / K) Σₖ TPₖ / (TPₖ + FNₖ)",
        meaning=gettext_noop(
            "How much of a class is found, on average over the classes; the same as balanced accuracy where "
            "every class occurs."
        ),
        misleads=gettext_noop(
            "Rare classes count like common ones, so a handful of their rows moves it much. Look at the "
            "table of classes to see which."
        ),
    ),
    _label(
        key="f1_weighted",
        label=gettext_noop("F1, weighted"),
        description=_WEIGHTED,
        source="sklearn.metrics.f1_score, average='weighted', zero_division=0",
        formula="Σₖ nₖ / n · 2 TPₖ / (2 TPₖ + FPₖ + FNₖ)",
        meaning=gettext_noop("F1 as a row of the data meets it: each class counts as often as it occurs."),
        misleads=gettext_noop(
            "Common classes decide it: a rare class may fail completely and hardly be seen. It need not lie "
            "between precision and recall."
        ),
    ),
    _label(
        key="precision_weighted",
        label=gettext_noop("Precision, weighted"),
        description=_WEIGHTED,
        source="sklearn.metrics.precision_score, average='weighted', zero_division=0",
        formula="Σₖ nₖ / n · TPₖ / (TPₖ + FPₖ)",
        meaning=gettext_noop(
            "How often a named class is the right one, weighted by how often the classes occur."
        ),
        misleads=gettext_noop(
            "Common classes decide it: a rare class may fail completely and hardly be seen."
        ),
    ),
    _label(
        key="recall_weighted",
        label=gettext_noop("Recall, weighted"),
        description=_WEIGHTED,
        source="sklearn.metrics.recall_score, average='weighted', zero_division=0",
        formula="Σₖ nₖ / n · TPₖ / (TPₖ + FNₖ)",
        meaning=gettext_noop(
            "Equal to accuracy: the recalls of the classes, weighted by how often they occur."
        ),
        misleads=gettext_noop(
            "Common classes decide it: a rare class may fail completely and hardly be seen."
        ),
    ),
    _label(
        key="f1_micro",
        label=gettext_noop("F1, micro"),
        description=_MICRO,
        source="sklearn.metrics.f1_score, average='micro'",
        formula="2 TP / (2 TP + FP + FN), counts summed over the classes",
        meaning=gettext_noop("All rows counted together, so that each row counts the same."),
        misleads=gettext_noop(
            "With one label per row it is accuracy under another name, and misleads as accuracy does."
        ),
    ),
    _label(
        key="precision_micro",
        label=gettext_noop("Precision, micro"),
        description=_MICRO,
        source="sklearn.metrics.precision_score, average='micro'",
        formula="Σₖ TPₖ / Σₖ (TPₖ + FPₖ)",
        meaning=gettext_noop("All rows counted together, so that each row counts the same."),
        misleads=gettext_noop(
            "With one label per row it is accuracy under another name, and misleads as accuracy does."
        ),
    ),
    _label(
        key="recall_micro",
        label=gettext_noop("Recall, micro"),
        description=_MICRO,
        source="sklearn.metrics.recall_score, average='micro'",
        formula="Σₖ TPₖ / Σₖ (TPₖ + FNₖ)",
        meaning=gettext_noop("All rows counted together, so that each row counts the same."),
        misleads=gettext_noop(
            "With one label per row it is accuracy under another name, and misleads as accuracy does."
        ),
    ),
    _probability(
        key="roc_auc_ovr_macro",
        unit="score",
        label=gettext_noop("ROC AUC, one class against the rest"),
        headline=True,
        description=gettext_noop(
            "Chance that a row of a class gets a higher probability of it than a row of another class, "
            "mean over the classes."
        ),
        source="sklearn.metrics.roc_auc_score, multi_class='ovr'; interval: DeLong placements",
        formula="(1 / K) Σₖ P(p(k | row of k) > p(k | row of another class)) + ½ P(=)",
        meaning=gettext_noop(
            "How well the probability of a class tells its rows from all others, on average over the "
            "classes; guessing gives 0.5."
        ),
        misleads=gettext_noop(
            "It judges the order alone: probabilities that are all far too high, or a bad threshold, do not "
            "show. With rare classes it looks good although most alarms are false."
        ),
    ),
    _probability(
        key="roc_auc_ovo_macro",
        unit="score",
        label=gettext_noop("ROC AUC, pairs of classes"),
        description=gettext_noop(
            "Mean ROC AUC over all pairs of classes; how common they are does not matter."
        ),
        source="sklearn.metrics.roc_auc_score, multi_class='ovo'; Hand & Till 2001",
        formula="2 / (K (K − 1)) Σ over pairs j < k of the mean of AUC(j, k) and AUC(k, j)",
        meaning=gettext_noop(
            "How well the probabilities tell two classes apart, on average over all pairs; guessing gives "
            "0.5."
        ),
        misleads=gettext_noop(
            "It judges the order alone: probabilities that are all far too high, or a bad threshold, do not "
            "show. With rare classes it looks good although most alarms are false. Pairs of classes that "
            "nobody mistakes lift it."
        ),
    ),
    _probability(
        key="top_2_accuracy",
        label=gettext_noop("Top-2 accuracy"),
        description=_TOP,
        source="sklearn.metrics.top_k_accuracy_score, k=2",
        formula="(1 / n) Σ [yᵢ is among the 2 classes of the highest probability]",
        meaning=gettext_noop("How often the true class is among the 2 that the model holds most likely."),
        misleads=gettext_noop(
            "With few classes it is high without skill: of K classes, k guesses hit by chance in k / K of "
            "the rows. It only helps where somebody looks at all the named classes."
        ),
    ),
    _probability(
        key="top_3_accuracy",
        label=gettext_noop("Top-3 accuracy"),
        description=_TOP,
        source="sklearn.metrics.top_k_accuracy_score, k=3",
        formula="(1 / n) Σ [yᵢ is among the 3 classes of the highest probability]",
        meaning=gettext_noop("How often the true class is among the 3 that the model holds most likely."),
        misleads=gettext_noop(
            "With few classes it is high without skill: of K classes, k guesses hit by chance in k / K of "
            "the rows. It only helps where somebody looks at all the named classes."
        ),
    ),
    _probability(
        key="top_5_accuracy",
        label=gettext_noop("Top-5 accuracy"),
        description=_TOP,
        source="sklearn.metrics.top_k_accuracy_score, k=5",
        formula="(1 / n) Σ [yᵢ is among the 5 classes of the highest probability]",
        meaning=gettext_noop("How often the true class is among the 5 that the model holds most likely."),
        misleads=gettext_noop(
            "With few classes it is high without skill: of K classes, k guesses hit by chance in k / K of "
            "the rows. It only helps where somebody looks at all the named classes."
        ),
    ),
    _error(
        key="brier_multiclass",
        label=gettext_noop("Brier score, all classes"),
        unit="score",
        high=2.0,
        headline=True,
        description=gettext_noop("Mean over rows of the squared probability errors summed over the classes."),
        source="Brier 1950; sklearn.metrics.brier_score_loss, scale_by_half=False",
        formula="(1 / n) Σ Σₖ (p(k) − [yᵢ = k])²",
        meaning=gettext_noop(
            "How far the probabilities are from what happened, in squares: 0 is perfect, 2 is certain and "
            "wrong each time."
        ),
        misleads=gettext_noop(
            "It mixes calibration and skill: a bolder and a better model may have the same. Its size depends "
            "on how hard the data are and on the number of classes."
        ),
    ),
    _error(
        key="ece_top_label",
        unit="score",
        label=gettext_noop("Expected calibration error, top label"),
        description=gettext_noop(
            "Mean gap between the largest probability and how often the prediction is right, over ten equal "
            "bins. Chance alone makes it greater than 0, most in small files."
        ),
        source="Guo et al. 2017, 10 bins [k/10, (k+1)/10)",
        formula="Σ over bins of n(b) / n · |share right in b − mean top probability in b|",
        meaning=gettext_noop("How far the model's confidence is from how often it is right, on average."),
        misleads=gettext_noop(
            "It says nothing about skill: always naming the shares of the classes can be perfectly "
            "calibrated. Chance alone makes it greater than 0 in small files, and it depends on the bins. "
            "The probabilities of the other classes are not judged."
        ),
    ),
    _error(
        key="mce_top_label",
        unit="score",
        label=gettext_noop("Maximum calibration error, top label"),
        description=gettext_noop("Largest gap of the calibration bins."),
        source="Guo et al. 2017",
        formula="max over bins of |share right in b − mean top probability in b|",
        meaning=gettext_noop("The worst gap between confidence and being right, in one band of confidence."),
        misleads=gettext_noop(
            "The emptiest bin often decides it, by chance. Look at the reliability diagram and the rows of "
            "the bin."
        ),
    ),
)
