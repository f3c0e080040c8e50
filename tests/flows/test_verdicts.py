"""Real files through the real worker to verdicts: tumours judged by a rule, a tree and a regression."""

from __future__ import annotations

import time
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from apps.projects.models import Project
from apps.requirements.models import Verdict
from tests.flows.client import Script
from tests.golden import CASES, DATA, golden_of
from tests.requirements.making import wish

CASE = next(case for case in CASES if case.name == "breast_cancer")
FOLDER = DATA / "predictions" / CASE.name


def path_of(stem: str) -> Any:
    (path,) = FOLDER.glob(f"{stem}.*")
    return path


def verdict_by(run: int) -> Verdict:
    """The verdict that this run brings about; the worker judges right after it has stored the result."""
    for _ in range(100):
        found = Verdict.objects.filter(run=run, until=None).first()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"run {run} was never judged")


def test_three_models_three_verdicts(script: Script, live_worker: Any) -> None:
    """At least 95 % right: the golden counts and Wilson's interval decide."""
    wish(Project.objects.get(slug=script.project), limit=0.95)
    truth = script.upload_truth(path_of("truth"))
    for model, state in (("rule", "refuted"), ("tree", "unverified"), ("lr", "confirmed")):
        run = script.result(script.submit(path_of(f"pred_{model}"), truth=truth))
        now = verdict_by(run["id"])
        golden = golden_of(CASE, model)["overall"]
        right, n = golden["tn"] + golden["tp"], golden["n"]
        assert (now.state, now.n) == (state, n)
        assert now.value == pytest.approx(right / n, abs=1e-9)
        assert (now.low, now.high) == pytest.approx(proportion_confint(right, n, 0.05, "wilson"), abs=1e-9)
    states = Verdict.objects.order_by("since", "pk").values_list("state", flat=True)
    assert list(states) == ["unverified", "refuted", "unverified", "confirmed"]
