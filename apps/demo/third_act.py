"""The third act: streams of the past run through the monitors, each in a job of its own."""

from __future__ import annotations

from apps.demo.models import Replay
from apps.demo.second_act import Stage
from apps.demo.story.records import Watch
from apps.evaluations.models import ModelVersion
from apps.jobs import services as jobs
from apps.jobs.models import Queue
from apps.lifecycle.models import Phase
from apps.releases.models import Stage as ReleaseStage
from apps.releases.services import set_stage

GOES_LIVE = (
    (ReleaseStage.APPROVED, "Its requirements were looked at when the delivery ended."),
    (ReleaseStage.CHAMPION, "In use since the project went live."),
)
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
        if stage.open_phase(Phase.Kind.PRODUCTION) is not None:
            _go_live(stage, watch)


def _go_live(stage: Stage, watch: Watch) -> None:
    """In production the champion is what people use; the product manager says so."""
    champion = next(model for model in watch.models if model.part == "champion")
    version = ModelVersion.objects.get(
        model__project=stage.project, model__name=champion.model, label=champion.version
    )
    for step, reason in GOES_LIVE:
        set_stage(
            project=stage.project,
            user=stage.people["product"],
            version=version,
            stage=step,
            reason=reason,
        )
