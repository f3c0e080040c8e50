"""How texts are compared. `drift.text` does it; the records stand here, because whoever lists the methods
should not have to load scikit-learn.
"""

from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.messages import gettext_noop

ABSOLUTE = DriftTest(
    key="abs_text_content_drift",
    label=gettext_noop("Domain classifier"),
    description=gettext_noop(
        "How well a classifier tells from its words which side a text is from: the area under its ROC curve. "
        "0.5 is not at all, 1 is without doubt."
    ),
    source="Evidently 0.7.23, abs_text_content_drift; tf-idf and logistic regression in 5 folds",
    is_p_value=False,
    flag=Flag.ABOVE,
    limit=0.55,
    origin=0.5,
)
PERCENTILE = DriftTest(
    key="perc_text_content_drift",
    label=gettext_noop("Domain classifier against chance"),
    description=gettext_noop(
        "As the domain classifier, for few texts: drift is what a random classifier seldom reaches. The "
        "limit is given as the share of random classifiers that stay below it."
    ),
    source="Evidently 0.7.23, perc_text_content_drift; tf-idf and logistic regression in 5 folds",
    is_p_value=False,
    flag=Flag.ABOVE,
    limit=0.95,
    origin=0.5,
)
