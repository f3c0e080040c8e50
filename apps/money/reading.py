"""The money of runs as pages read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from apps.analysis.models import Analysis
from apps.analysis.services import params_key
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.compute.money.result import Estimate, MoneyResult
from apps.evaluations.models import Run
from apps.money.kinds import KEY, check
from apps.projects.models import Project
from apps.requirements.models import ValueCase


@dataclass(frozen=True, slots=True)
class Card:
    """``problem`` is what keeps the money from being counted, ``analysis`` the answer at the prices in
    force: perhaps without result yet.
    """

    case: ValueCase | None
    problem: str = ""
    analysis: Analysis | None = None
    result: MoneyResult | None = None


def card_of(run: Run) -> Card:
    case = ValueCase.objects.in_force(run.project_id).first()
    if case is None:
        return Card(None)
    try:
        params = check(run, {})
    except InputRejected as error:
        return Card(case, translate(error.message))
    asked = Analysis.objects.filter(run=run, kind=KEY, params_key=params_key(params))
    analysis = asked.select_related("job").first()
    result = None if analysis is None or analysis.result is None else MoneyResult.from_json(analysis.result)
    return Card(case, analysis=analysis, result=result)


def counted(project: Project, case: ValueCase) -> QuerySet[Analysis]:
    """The newest answer of each run at the prices of ``case``, the run that earns most first. Each has the
    JSON of its ``money``, ``gain`` and ``basis``, and not the whole result.
    """
    answers = Analysis.objects.filter(project=project, kind=KEY, params__case=case.number)
    answers = answers.filter(result__isnull=False)
    newer = answers.filter(run=OuterRef("run"), pk__gt=OuterRef("pk"))
    found: QuerySet[Analysis] = (
        answers.filter(~Exists(newer))
        .annotate(money=F("result__money"), gain=F("result__gain"), basis=F("result__basis"))
        .select_related("run__model_version__model")
        .defer("result", "run__result", "run__join_report", "run__roles")
        .order_by(F("result__money__value").desc(nulls_last=True), "-run__number")
    )
    return found


def estimate(part: Any) -> Estimate:
    return Estimate(**part)
