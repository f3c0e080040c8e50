"""Tells the demo through the services that people use, and takes it back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import create_person
from apps.demo import second_act
from apps.demo.data_act import tell_data
from apps.demo.deeper import look_deeper
from apps.demo.first_act import open_project
from apps.demo.models import Replay, Staging
from apps.demo.removal import remove_projects
from apps.demo.story import STORIES
from apps.demo.story.records import PEOPLE
from apps.demo.third_act import submit_replays
from apps.evaluations.models import Run
from apps.jobs.models import UNFINISHED, Job
from apps.projects.models import Project

_BY_SLUG = {story.slug: story for story in STORIES}


def load_demo(*, user: User) -> int:
    """Make the projects that are not there yet; ``user`` owns them. Returns how many were made.

    Their second acts follow by themselves, each when the workers have evaluated its runs.
    """
    made = 0
    for story in STORIES:
        if not Project.objects.filter(slug=story.slug).exists():
            with transaction.atomic():
                Staging.objects.create(project=open_project(story, user, _people()))
            made += 1
    for project in Staging.objects.filter(finished_at=None).values_list("project_id", flat=True):
        continue_demo(project_id=project)  # a worker that died may not have told of its last job
    return made


def continue_demo(*, project_id: int) -> bool:
    """Play the second act of a demo project once, as soon as nothing of it waits to be evaluated any more."""
    with transaction.atomic():
        staging = (
            Staging.objects.select_for_update(of=("self",))
            .select_related("project")
            .filter(project=project_id, finished_at=None)
            .first()
        )
        if staging is None or _is_busy(staging.project):
            return False
        story = _BY_SLUG[staging.project.slug]
        stage = second_act.Stage(staging.project, story, _people())
        second_act.play(stage)
        if story.data is not None:
            tell_data(stage, story.data)
        look_deeper(stage)
        staging.finished_at = timezone.now()
        staging.save(update_fields=["finished_at"])
    return True


def begin_third_acts(*, project_id: int) -> None:
    """Once, when nothing else of the demo waits any more: replays keep a worker busy for minutes."""
    demo = Staging.objects.values("project")
    watched = sum(bool(story.watches) for story in STORIES)
    if (
        not Staging.objects.filter(project=project_id).exists()
        or Replay.objects.count() >= watched
        or Job.objects.filter(project__in=demo, state__in=UNFINISHED).exists()
    ):
        return
    _begin_third_acts()


@transaction.atomic
def _begin_third_acts() -> None:
    stagings = list(Staging.objects.select_for_update(of=("self",)).select_related("project").order_by("pk"))
    if any(staging.finished_at is None for staging in stagings):
        return
    told = set(Replay.objects.values_list("project_id", flat=True))
    for staging in stagings:
        if staging.project_id not in told:
            submit_replays(second_act.Stage(staging.project, _BY_SLUG[staging.project.slug], _people()))


def reset_demo(*, user: User) -> int:
    """Remove the demo's projects with all that was done in them, and tell their stories anew."""
    with transaction.atomic():
        remove_projects(list(Staging.objects.values_list("project_id", flat=True)))
    return load_demo(user=user)


def _is_busy(project: Project) -> bool:
    if project.jobs.filter(state__in=UNFINISHED).exists():
        return True
    finished = Run.objects.filter(project=project, result__isnull=False)
    return bool(_BY_SLUG[project.slug].runs) and not finished.exists()


def _people() -> dict[str, User]:
    return {key: _person(f"{key}@example.org", name) for key, name in PEOPLE.items()}


def _person(email: str, name: str) -> User:
    known = User.objects.filter(email=email).first()
    return known or create_person(email=email, name=name)[0]
