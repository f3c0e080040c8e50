"""The third act: streams of the past run through the monitors, each in a job of its own."""

from __future__ import annotations

from apps.demo.models import Replay
from apps.demo.second_act import Stage
from apps.jobs import services as jobs
from apps.jobs.models import Queue

REPLAY_TASK = "apps.demo.tasks.replay"


def submit_replays(stage: Stage) -> None:
    """On the queue for long work: whoever tries the portal meanwhile does not wait for them."""
    for watch in stage.story.watches:
        job = jobs.submit_job(
            project=stage.project,
            user=stage.people["science"],
            task=REPLAY_TASK,
            title=watch.name,
            queue=Queue.LONG,
        )
        Replay.objects.create(project=stage.project, name=watch.name, job=job)
