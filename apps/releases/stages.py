"""Where model versions stand, and the moves from one stage to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.evaluations.models import Model, ModelVersion
from apps.projects.access import Action
from apps.projects.models import Project
from apps.releases.models import Stage, StageChange

#: From each stage to those that it may go to, in the order in which pages offer them. A champion leaves by
#: retirement or by a successor alone, so that what runs never changes by the way.
MOVES: Mapping[str, tuple[Stage, ...]] = MappingProxyType(
    {
        Stage.CANDIDATE: (Stage.APPROVED, Stage.SHADOW, Stage.RETIRED),
        Stage.APPROVED: (Stage.CHAMPION, Stage.SHADOW, Stage.CANDIDATE, Stage.RETIRED),
        Stage.SHADOW: (Stage.CHAMPION, Stage.APPROVED, Stage.CANDIDATE, Stage.RETIRED),
        Stage.CHAMPION: (Stage.RETIRED,),
        Stage.RETIRED: (Stage.CHAMPION, Stage.CANDIDATE),
    }
)
#: What nobody acts on is the engineers' own; the rest is the managers'.
ENGINEERS_SET = frozenset({Stage.CANDIDATE, Stage.SHADOW})
#: The order of lists: what is live comes first.
_ORDER = (Stage.CHAMPION, Stage.SHADOW, Stage.APPROVED, Stage.CANDIDATE, Stage.RETIRED)


def action_for(stage: str) -> Action:
    """What somebody must be allowed to do in the project to set this stage."""
    return Action.UPLOAD if stage in ENGINEERS_SET else Action.MANAGE


def newest_changes(changes: QuerySet[StageChange]) -> QuerySet[StageChange]:
    """The newest of ``changes`` of each version, with who made it."""
    newest = changes.order_by("version_id", "-at", "-pk").distinct("version_id")
    return newest.select_related("by").defer("advice")


def stages_of(project: Project) -> dict[int, StageChange]:
    """By the version's id, how it got where it stands. One without any is a candidate. One query."""
    return {change.version_id: change for change in newest_changes(project.stage_changes.all())}


def changes_of(versions: Iterable[ModelVersion]) -> dict[int, StageChange]:
    """`stages_of` for some versions."""
    changes = StageChange.objects.filter(version__in=list(versions))
    return {change.version_id: change for change in newest_changes(changes)}


def champion_of(model: Model, at: datetime | None = None) -> ModelVersion | None:
    """The champion of the model at a moment; now unless said."""
    changes = StageChange.objects.filter(version__model=model, at__lte=at or timezone.now())
    for change in newest_changes(changes).select_related("version"):
        if change.stage == Stage.CHAMPION:
            return change.version
    return None


def versions_with_stage() -> QuerySet[ModelVersion]:
    """Every version with its ``stage`` and ``since`` when (null: no change yet), champions first."""
    newest = StageChange.objects.filter(version=OuterRef("pk")).order_by("-at", "-pk")
    place = Case(*(When(stage=stage, then=Value(place)) for place, stage in enumerate(_ORDER)))
    return (
        ModelVersion.objects.annotate(
            stage=Coalesce(Subquery(newest.values("stage")[:1]), Value(Stage.CANDIDATE.value)),
            since=Subquery(newest.values("at")[:1]),
        )
        .alias(
            place=Coalesce(
                Subquery(newest.annotate(place=place).values("place")[:1]),
                Value(_ORDER.index(Stage.CANDIDATE)),
            )
        )
        .order_by("model__name", "place", F("since").desc(nulls_last=True), "-created_at", "-pk")
    )


def was_approved(version: ModelVersion) -> bool:
    """A person approved it, and it was neither taken back nor retired since."""
    passed = set()
    for stage in version.stage_changes.values_list("stage", flat=True):
        if stage in (Stage.CANDIDATE, Stage.RETIRED):
            break
        passed.add(stage)
    return Stage.APPROVED in passed


def was_champion(version: ModelVersion) -> bool:
    return version.stage_changes.filter(stage=Stage.CHAMPION).exists()


def offered_moves(version: ModelVersion, stage: str) -> list[Stage]:
    """The moves that a page offers: those of `MOVES` whose conditions hold. Gates are asked on the way."""
    offered = list(MOVES[stage])
    unready = (stage == Stage.SHADOW and not was_approved(version)) or (
        stage == Stage.RETIRED and not was_champion(version)
    )
    if unready:
        offered.remove(Stage.CHAMPION)
    return offered
