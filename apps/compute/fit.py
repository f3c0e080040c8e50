"""Is machine learning the right tool? The questions of the fit assessment, and what their answers advise.

The assumptions and signs are those of C. Huyen, Designing Machine Learning Systems (2022), chapter 1,
"When to use machine learning".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.compute.messages import Message, gettext_noop


class Group(StrEnum):
    ASSUMPTION = "assumption"  # each has to hold
    FOR = "for"  # a sign that machine learning pays
    AGAINST = "against"  # a sign that it is the wrong tool


class Answer(StrEnum):
    ASSUMED = "assumed"
    TESTED = "tested"  # it holds
    REFUTED = "refuted"  # it does not hold


class Kind(StrEnum):
    ML = "ml"
    NO_ML = "no_ml"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Question:
    """A statement that holds or not. ``why`` says what hangs on it."""

    key: str
    group: Group
    label: Message
    why: Message


@dataclass(frozen=True, slots=True)
class Advice:
    """``reasons`` name what it rests on, the deciding ones first."""

    kind: Kind
    reasons: tuple[Message, ...]


def _question(key: str, group: Group, label: str, why: str) -> Question:
    return Question(key, group, Message(label), Message(why))


QUESTIONS: tuple[Question, ...] = (
    _question(
        "patterns",
        Group.ASSUMPTION,
        gettext_noop("There are patterns to learn"),
        gettext_noop("Without a pattern every model is a guess: nobody predicts a fair die."),
    ),
    _question(
        "complex",
        Group.ASSUMPTION,
        gettext_noop("The patterns are complex"),
        gettext_noop("A pattern that fits into a table or a few rules needs no learning."),
    ),
    _question(
        "data",
        Group.ASSUMPTION,
        gettext_noop("Data exist, or can be collected"),
        gettext_noop("What was never recorded cannot be learned from."),
    ),
    _question(
        "predictable",
        Group.ASSUMPTION,
        gettext_noop("A prediction solves the problem"),
        gettext_noop("Machine learning predicts. Somebody has to be able to act on a prediction."),
    ),
    _question(
        "new_data",
        Group.ASSUMPTION,
        gettext_noop("New data will come, and be like the old"),
        gettext_noop("A model meets data that it has not seen; they have to share the patterns."),
    ),
    _question(
        "repetitive",
        Group.FOR,
        gettext_noop("The task is repetitive"),
        gettext_noop("Each pattern is seen many times, so it can be learned."),
    ),
    _question(
        "cheap_errors",
        Group.FOR,
        gettext_noop("A wrong prediction is cheap"),
        gettext_noop("No model is always right."),
    ),
    _question(
        "large_scale",
        Group.FOR,
        gettext_noop("There are very many cases"),
        gettext_noop("The effort pays over many predictions."),
    ),
    _question(
        "changing",
        Group.FOR,
        gettext_noop("The patterns change"),
        gettext_noop("A model is trained again where rules would have to be written again."),
    ),
    _question(
        "unethical",
        Group.AGAINST,
        gettext_noop("It would be unethical"),
        gettext_noop("What must not be automated is not automated better by a model."),
    ),
    _question(
        "simple_rule",
        Group.AGAINST,
        gettext_noop("A simple rule solves it"),
        gettext_noop("A rule is cheaper to build, to run and to explain."),
    ),
    _question(
        "no_data",
        Group.AGAINST,
        gettext_noop("There are no data, and none can be had"),
        gettext_noop("Then start with rules or people, and record what happens."),
    ),
    _question(
        "costly_errors",
        Group.AGAINST,
        gettext_noop("A single error is too costly"),
        gettext_noop("Where one mistake is a disaster, a model that is right on average is not enough."),
    ),
    _question(
        "must_explain",
        Group.AGAINST,
        gettext_noop("Every decision must be explained"),
        gettext_noop("Most models cannot give the reason for a single answer."),
    ),
    _question(
        "person_cheaper",
        Group.AGAINST,
        gettext_noop("A person is cheaper"),
        gettext_noop("Few or rare cases do not pay for a model and its upkeep."),
    ),
)
QUESTION_BY_KEY = {question.key: question for question in QUESTIONS}


def advise(answers: Mapping[str, str]) -> Advice:
    """What the answers (question's key -> `Answer`) speak for.

    ``NO_ML`` as soon as an assumption is refuted or a sign against was tested and holds. ``ML`` when all
    questions are answered, each assumption was tested and holds, each sign against was tested and does not
    hold, and at least one sign for is not refuted. Else ``NOT_YET``: the reasons name what is missing.
    """
    against = [
        Message(gettext_noop("Refuted: %(question)s"), {"question": question.label})
        for question in _with(answers, Group.ASSUMPTION, Answer.REFUTED)
    ] + [
        Message(gettext_noop("Speaks against it: %(question)s"), {"question": question.label})
        for question in _with(answers, Group.AGAINST, Answer.TESTED)
    ]
    if against:
        return Advice(Kind.NO_ML, tuple(against))
    if missing := _missing(answers):
        return Advice(Kind.NOT_YET, tuple(missing))
    return Advice(Kind.ML, tuple(_foundation(answers)))


def _missing(answers: Mapping[str, str]) -> list[Message]:
    """What has to be answered or tested first."""
    missing = [
        Message(gettext_noop("Not answered: %(question)s"), {"question": question.label})
        for question in QUESTIONS
        if question.key not in answers
    ]
    for group in (Group.ASSUMPTION, Group.AGAINST):
        missing += [
            Message(gettext_noop("Only assumed: %(question)s"), {"question": question.label})
            for question in _with(answers, group, Answer.ASSUMED)
        ]
    signs = [question for question in QUESTIONS if question.group == Group.FOR]
    if all(answers.get(question.key) == Answer.REFUTED for question in signs):
        missing.append(Message(gettext_noop("No sign speaks for machine learning.")))
    return missing


def _foundation(answers: Mapping[str, str]) -> Iterable[Message]:
    for question in _with(answers, Group.ASSUMPTION, Answer.TESTED):
        yield Message(gettext_noop("Tested: %(question)s"), {"question": question.label})
    for question in _with(answers, Group.FOR, Answer.TESTED):
        yield Message(gettext_noop("Speaks for it: %(question)s"), {"question": question.label})
    for question in _with(answers, Group.FOR, Answer.ASSUMED):
        yield Message(gettext_noop("Speaks for it, not tested: %(question)s"), {"question": question.label})


def _with(answers: Mapping[str, str], group: Group, answer: Answer) -> list[Question]:
    return [q for q in QUESTIONS if q.group == group and answers.get(q.key) == answer]
