"""The worker's side of a replay."""

from __future__ import annotations

from collections.abc import Callable

from apps.compute.messages import Message, gettext_noop
from apps.demo.models import Replay
from apps.demo.monitor_act import open_monitor, replay, steps_of, stream_of
from apps.demo.story import STORIES
from apps.jobs.models import Job
from apps.jobs.progress import Progress


def run_replay(job: Job, progress: Progress) -> Callable[[], None]:
    """Everything is written on the way, by the services that people use."""
    row = Replay.objects.select_related("project").get(job=job)
    story = next(story for story in STORIES if story.slug == row.project.slug)
    watch = next(watch for watch in story.watches if watch.name == row.name)
    monitor = open_monitor(row.project, story, watch, job.created_by)
    frame = stream_of(story, watch)
    count = len(steps_of(monitor, watch, frame))
    for number, _moment in enumerate(replay(monitor, watch, frame, job.created_by), 1):
        progress(Message(gettext_noop("Replaying the stream")), number / count)
    return lambda: None
