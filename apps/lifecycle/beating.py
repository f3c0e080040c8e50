"""Whether the best run beats the baseline beyond chance."""

from __future__ import annotations

from collections.abc import Sequence

from apps.compute.messages import Message, gettext_noop
from apps.evaluations.models import Comparison
from apps.lifecycle.models import Criterion


def beats_baseline(comparisons: Sequence[Comparison]) -> tuple[str, Message]:
    """State and reason of the criterion, from the finished comparisons of a project with its baseline."""
    return Criterion.State.UNKNOWN, Message(gettext_noop("No run was compared with the baseline yet."))
