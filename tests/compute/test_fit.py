"""The advice of the fit assessment follows from its answers and names them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.compute.fit import QUESTIONS, Advice, Answer, Group, Kind, advise

KEYS = {group: [q.key for q in QUESTIONS if q.group == group] for group in Group}
ALL_GOOD = {
    question.key: Answer.REFUTED if question.group == Group.AGAINST else Answer.TESTED
    for question in QUESTIONS
}
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
SHEETS = st.dictionaries(st.sampled_from([q.key for q in QUESTIONS]), st.sampled_from(list(Answer)))


def texts(advice: Advice) -> list[str]:
    return [str(reason) for reason in advice.reasons]


def test_the_sheet_has_five_assumptions_four_signs_for_and_six_against() -> None:
    assert {group: len(keys) for group, keys in KEYS.items()} == {"assumption": 5, "for": 4, "against": 6}
    assert len({question.key for question in QUESTIONS}) == 15


def test_all_tested_advises_ml_and_names_what_it_rests_on() -> None:
    advice = advise(ALL_GOOD)
    assert advice.kind == Kind.ML
    assert texts(advice)[0] == "Tested: There are patterns to learn"
    assert len(advice.reasons) == 5 + 4


@pytest.mark.parametrize("key", KEYS[Group.ASSUMPTION])
@pytest.mark.parametrize(("answer", "kind"), [(Answer.REFUTED, Kind.NO_ML), (Answer.ASSUMED, Kind.NOT_YET)])
def test_each_assumption_must_be_tested(key: str, answer: Answer, kind: Kind) -> None:
    advice = advise({**ALL_GOOD, key: answer})
    label = next(str(question.label) for question in QUESTIONS if question.key == key)
    assert (advice.kind, len(advice.reasons)) == (kind, 1)
    assert texts(advice)[0].endswith(label)


@pytest.mark.parametrize("key", KEYS[Group.AGAINST])
@pytest.mark.parametrize(("answer", "kind"), [(Answer.TESTED, Kind.NO_ML), (Answer.ASSUMED, Kind.NOT_YET)])
def test_each_sign_against_must_be_refuted(key: str, answer: Answer, kind: Kind) -> None:
    assert advise({**ALL_GOOD, key: answer}).kind == kind


def test_signs_for_may_be_assumed_but_not_all_refuted() -> None:
    assumed = advise({**ALL_GOOD, **dict.fromkeys(KEYS[Group.FOR], Answer.ASSUMED)})
    assert assumed.kind == Kind.ML
    assert "Speaks for it, not tested: The task is repetitive" in texts(assumed)
    refuted = advise({**ALL_GOOD, **dict.fromkeys(KEYS[Group.FOR], Answer.REFUTED)})
    assert (refuted.kind, texts(refuted)) == (Kind.NOT_YET, ["No sign speaks for machine learning."])


def test_one_thing_against_outweighs_what_is_missing() -> None:
    assert texts(advise({"unethical": Answer.TESTED})) == ["Speaks against it: It would be unethical"]


@pytest.mark.parametrize("key", [question.key for question in QUESTIONS])
def test_a_missing_answer_never_passes(key: str) -> None:
    answers = {other: answer for other, answer in ALL_GOOD.items() if other != key}
    assert advise(answers).kind == Kind.NOT_YET


@PATIENT
@given(SHEETS)
def test_every_sheet_gets_an_advice_with_reasons(answers: dict[str, str]) -> None:
    advice = advise(answers)
    assert advice.reasons
    assert (advice.kind == Kind.NO_ML) == (
        any(answers.get(key) == Answer.REFUTED for key in KEYS[Group.ASSUMPTION])
        or any(answers.get(key) == Answer.TESTED for key in KEYS[Group.AGAINST])
    )


@PATIENT
@given(SHEETS, st.sampled_from(KEYS[Group.ASSUMPTION]))
def test_a_refuted_assumption_never_helps(answers: dict[str, str], key: str) -> None:
    assert advise({**answers, key: Answer.REFUTED}).kind == Kind.NO_ML
