"""What people do with the design document and its architecture decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.documents.models import ArchitectureDecision, DocumentVersion
from apps.documents.sections import BY_KEY
from apps.projects.access import Action, require
from apps.projects.models import Project

#: Characters of one section: some fifty printed pages.
LONGEST_SECTION = 200_000
#: Each may begin a link that ends nowhere, and looking for its end takes 0.1 ms.
MOST_BRACKETS = 2_000
LONGEST_REASON = 1_000
State = ArchitectureDecision.State


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFields:
    """What an architecture decision says; all but area and title in Markdown."""

    area: str
    title: str
    decision: str
    context: str = ""
    options: str = ""
    consequences: str = ""


def newest_version(project: Project) -> DocumentVersion | None:
    return DocumentVersion.objects.filter(project=project).select_related("author").first()


def clean_text(text: str) -> str:
    """The text as it is kept, with plain line ends; raises InputRejected when it cannot be shown in time."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if len(text) > LONGEST_SECTION:
        raise InputRejected(
            "text_too_long",
            gettext_noop(
                "This section has %(length)s characters, and at most %(limit)s fit. Keep what the section "
                "must answer, and link to the rest."
            ),
            length=len(text),
            limit=LONGEST_SECTION,
        )
    if (count := text.count("[")) > MOST_BRACKETS:
        raise InputRejected(
            "too_many_links",
            gettext_noop(
                "This section has %(count)s opening square brackets, each of which may begin a link, and at "
                "most %(limit)s can be shown. Link to one page that has the list."
            ),
            count=count,
            limit=MOST_BRACKETS,
        )
    return text


@transaction.atomic
def save_section(
    *,
    project: Project,
    user: User,
    key: str,
    text: str,
    based_on: int | None = None,
    note: str = "",
    at: datetime | None = None,
) -> DocumentVersion | None:
    """Write one section, as a new version of the document; the same text again makes none.

    ``based_on`` is the number of the version that the writer saw (0: none; None: whatever is there). If the
    section was changed after it, the text is refused with "changed_meanwhile"; another section may have been.
    Returns the newest version.
    """
    require(user, Action.UPLOAD, project)
    _known(key)
    text = clean_text(text)
    newest = _locked_newest(project, key, based_on)
    sections = dict(newest.sections) if newest else {}
    not_needed = dict(newest.not_needed) if newest else {}
    if sections.get(key, "") == text and key not in not_needed:
        return newest
    sections[key] = text
    not_needed.pop(key, None)
    return _next_version(project, user, newest, key, note, at, sections, not_needed)


@transaction.atomic
def mark_not_needed(
    *,
    project: Project,
    user: User,
    key: str,
    reason: str,
    based_on: int | None = None,
    at: datetime | None = None,
) -> DocumentVersion | None:
    """Say why the project does without a section. Its text leaves the document; earlier versions keep it."""
    require(user, Action.UPLOAD, project)
    _known(key)
    reason = reason.strip()
    if not reason:
        raise InputRejected(
            "reason_missing",
            gettext_noop("Say why the project does without this section: a reader must be able to object."),
        )
    if len(reason) > LONGEST_REASON:
        raise InputRejected(
            "reason_too_long",
            gettext_noop("The reason has %(length)s characters; say it in at most %(limit)s."),
            length=len(reason),
            limit=LONGEST_REASON,
        )
    newest = _locked_newest(project, key, based_on)
    sections = dict(newest.sections) if newest else {}
    not_needed = dict(newest.not_needed) if newest else {}
    if not_needed.get(key) == reason:
        return newest
    sections.pop(key, None)
    not_needed[key] = reason
    return _next_version(project, user, newest, key, reason, at, sections, not_needed)


def _known(key: str) -> None:
    if key not in BY_KEY:
        raise InputRejected(
            "unknown_section",
            gettext_noop("The design document has no section “%(key)s”. Its sections are: %(known)s."),
            key=key,
            known=", ".join(BY_KEY),
        )


def _locked_newest(project: Project, key: str, based_on: int | None) -> DocumentVersion | None:
    """The newest version. The lock orders two writers; the later one must have seen what the first wrote."""
    Project.objects.select_for_update().get(pk=project.pk)
    newest = newest_version(project)
    if based_on is None or based_on == (newest.number if newest else 0):
        return newest
    later = DocumentVersion.objects.filter(project=project, number__gt=based_on, changed=key)
    change = later.select_related("author").first()
    if change is not None:
        raise InputRejected(
            "changed_meanwhile",
            gettext_noop(
                "%(person)s changed this section in version %(number)s, after you had opened it. Nothing of "
                "yours was saved yet. Take over what you need from theirs, then save again."
            ),
            person=str(change.author),
            number=change.number,
        )
    if newest is None or based_on > newest.number or based_on < 0:
        raise InputRejected(
            "unknown_version",
            gettext_noop("The document has no version %(number)s to build on. Open it again."),
            number=based_on,
        )
    return newest


def _next_version(
    project: Project,
    user: User,
    newest: DocumentVersion | None,
    key: str,
    note: str,
    at: datetime | None,
    sections: dict[str, str],
    not_needed: dict[str, str],
) -> DocumentVersion:
    return DocumentVersion.objects.create(
        project=project,
        number=newest.number + 1 if newest else 1,
        sections=sections,
        not_needed=not_needed,
        changed=key,
        note=note.strip()[:300],
        author=user,
        created_at=at or timezone.now(),
    )


@transaction.atomic
def add_architecture_decision(
    *, project: Project, user: User, fields: DecisionFields, at: datetime | None = None
) -> ArchitectureDecision:
    """Propose a decision; it gets the next number of the project."""
    require(user, Action.UPLOAD, project)
    _check_decision(fields)
    Project.objects.select_for_update().get(pk=project.pk)
    rows = ArchitectureDecision.objects.filter(project=project)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    return ArchitectureDecision.objects.create(
        project=project, number=number, author=user, created_at=at or timezone.now(), **asdict(fields)
    )


def _check_decision(fields: DecisionFields) -> None:
    if fields.area not in ArchitectureDecision.Area.values:
        raise InputRejected(
            "unknown_area",
            gettext_noop("There is no area “%(area)s”. Choose one of: %(known)s."),
            area=fields.area,
            known=", ".join(ArchitectureDecision.Area.values),
        )
    for name in ("title", "decision"):
        if not getattr(fields, name).strip():
            raise InputRejected(
                "text_missing", gettext_noop("An architecture decision needs a title and what was decided.")
            )
    for name, value in asdict(fields).items():
        field = ArchitectureDecision._meta.get_field(name)
        limit = getattr(field, "max_length", None) or len(value)
        if len(value) > limit:
            raise InputRejected(
                "text_too_long",
                gettext_noop("“%(field)s” has %(length)s characters, and at most %(limit)s fit."),
                field=Message(str(getattr(field, "verbose_name", name))),
                length=len(value),
                limit=limit,
            )


@transaction.atomic
def settle_architecture_decision(
    *, decision: ArchitectureDecision, user: User, state: str, at: datetime | None = None
) -> ArchitectureDecision:
    """Accept or reject a decision that was proposed."""
    require(user, Action.MANAGE, decision.project)
    if state not in (State.ACCEPTED, State.REJECTED):
        raise InputRejected(
            "unknown_state", gettext_noop("A proposed decision can be accepted or rejected, nothing else.")
        )
    present = _locked(decision.project, [decision.number])[decision.number]
    if present.state != State.PROPOSED:
        raise _wrong_state(present)
    return _settled(present, user, State(state), at)


@transaction.atomic
def supersede_architecture_decision(
    *,
    decision: ArchitectureDecision,
    user: User,
    by: int,
    at: datetime | None = None,
) -> ArchitectureDecision:
    """Say that an accepted decision gave way to another accepted one, number ``by`` of the same project."""
    require(user, Action.MANAGE, decision.project)
    locked = _locked(decision.project, [decision.number, by])
    present, other = locked[decision.number], locked.get(by)
    if other is None or other.pk == present.pk or other.state != State.ACCEPTED:
        raise InputRejected(
            "cannot_supersede",
            gettext_noop("%(code)s can only give way to another decision of the project that is accepted."),
            code=present.code,
        )
    if present.state != State.ACCEPTED:
        raise _wrong_state(present)
    present.superseded_by = other
    return _settled(present, user, State.SUPERSEDED, at)


def _locked(project: Project, numbers: Sequence[int]) -> dict[int, ArchitectureDecision]:
    """Decisions as they stand now, locked in one order so that two people never wait for each other."""
    rows = ArchitectureDecision.objects.select_for_update().filter(project=project, number__in=numbers)
    return {row.number: row for row in rows.order_by("number")}


def _settled(
    decision: ArchitectureDecision, user: User, state: ArchitectureDecision.State, at: datetime | None
) -> ArchitectureDecision:
    decision.state, decision.settled_by, decision.settled_at = state, user, at or timezone.now()
    decision.save(update_fields=["state", "superseded_by", "settled_by", "settled_at"])
    return decision


def _wrong_state(decision: ArchitectureDecision) -> InputRejected:
    return InputRejected(
        "decided_already",
        gettext_noop("%(code)s is %(state)s by now, so this cannot be done any more."),
        code=decision.code,
        state=Message(str(State(decision.state).label)),
    )
