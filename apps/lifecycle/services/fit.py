"""The answers of the fit assessment."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.compute.fit import QUESTION_BY_KEY
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.lifecycle.models import FitAnswer
from apps.lifecycle.services.checks import evidence_of, link_of, text_of
from apps.projects.access import Action, require, role_of
from apps.projects.models import Project


@transaction.atomic
def answer_fit(
    *,
    project: Project,
    user: User,
    question: str,
    state: str,
    note: str = "",
    link: str = "",
    run: Run | None = None,
    file: DataFile | None = None,
    owner: User | None = None,
) -> FitAnswer:
    """Answer a question, or change its answer. What was tested names its evidence; the owner answers for it.

    Without ``owner`` it is the person who answers.
    """
    require(user, Action.UPLOAD, project)
    if question not in QUESTION_BY_KEY:
        raise InputRejected(
            "unknown_question",
            gettext_noop("The fit assessment has no question “%(question)s”."),
            question=question,
        )
    if state not in FitAnswer.State.values:
        raise InputRejected(
            "unknown_state",
            gettext_noop("An answer is assumed, tested or refuted, not “%(state)s”."),
            state=state,
        )
    note, link = text_of(FitAnswer, "note", note, required=False), link_of(link)
    evidence_of(project, run=run, file=file)
    if state != FitAnswer.State.ASSUMED and not (note or link or run or file):
        raise InputRejected(
            "no_evidence",
            gettext_noop(
                "What was tested or refuted rests on something. Add a note, a link, a run or a file."
            ),
        )
    owner = owner or user
    if role_of(owner, project) is None:
        raise InputRejected(
            "owner_not_member",
            gettext_noop("%(person)s is no member of this project and cannot answer for it."),
            person=str(owner),
        )
    answer, _created = FitAnswer.objects.update_or_create(
        project=project,
        question=question,
        defaults={
            "state": state,
            "note": note,
            "link": link,
            "run": run,
            "file": file,
            "owner": owner,
            "answered_by": user,
        },
    )
    return answer
