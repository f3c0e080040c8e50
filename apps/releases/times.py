"""How long retraining takes, how often it succeeds and how often it can be done."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.uncertainty import wilson
from apps.projects.models import Project
from apps.releases.models import RetrainingRequest

State = RetrainingRequest.State
#: Below so many trainings nothing is said about the rest of them.
FEWEST = 3
DAY = 86_400


@dataclass(frozen=True, slots=True)
class RetrainingTimes:
    """Of the project's requests that ended. Durations in seconds, of those that were done: from when the
    training began, or was asked for where the trainer did not say, to its end. ``p90`` is the 90 % quantile
    (linear between neighbours); None below three. ``cost`` is the mean of the ``costs`` that were told, in
    the project's currency. ``share_low`` and ``share_high`` bound the share of successes (Wilson, 95 %).
    """

    ended: int
    done: int
    share: float | None
    share_low: float | None
    share_high: float | None
    median: float | None
    p90: float | None
    costs: int
    cost: float | None
    message: Message

    @property
    def per_week(self) -> float | None:
        """Trainings that fit into a week one after the other, at the 90 % duration: what the duration allows,
        not what is sensible. None below three.
        """
        return 7 * DAY / self.p90 if self.p90 else None


def retraining_times(project: Project) -> RetrainingTimes:
    """One query."""
    rows = RetrainingRequest.objects.filter(project=project, state__in=[State.DONE, State.FAILED])
    ended = list(rows.values_list("state", "asked_at", "started_at", "ended_at", "cost"))
    durations = [
        (end - (start or asked)).total_seconds()
        for state, asked, start, end, _cost in ended
        if state == State.DONE and end is not None
    ]
    done = sum(state == State.DONE for state, *_rest in ended)
    costs = [cost for *_rest, cost in ended if cost is not None]
    low, high = wilson(done, len(ended)) if ended else (None, None)
    median = statistics.median(durations) if durations else None
    p90 = statistics.quantiles(durations, n=10, method="inclusive")[8] if len(durations) >= FEWEST else None
    return RetrainingTimes(
        ended=len(ended),
        done=done,
        share=done / len(ended) if ended else None,
        share_low=None if low is None else float(low),
        share_high=None if high is None else float(high),
        median=median,
        p90=p90,
        costs=len(costs),
        cost=statistics.fmean(costs) if costs else None,
        message=_sentence(len(durations), median, p90),
    )


def _sentence(done: int, median: float | None, p90: float | None) -> Message:
    if median is None:
        return Message(gettext_noop("How long retraining takes is not known: none has been done yet."))
    said = {"done": done, "median": Quantity(median, "seconds")}
    if p90 is None:
        return Message(
            gettext_noop(
                "Trainings done: %(done)d, which took %(median)s in the middle. That is too few to tell how "
                "long the next one takes."
            ),
            said,
        )
    return Message(
        gettext_noop("Half of %(done)d trainings were done within %(median)s, nine of ten within %(p90)s."),
        {**said, "p90": Quantity(p90, "seconds")},
    )
