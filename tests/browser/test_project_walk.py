"""One project from its creation to production, in a browser, with real files and a real worker."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.compute.fit import QUESTIONS, Group
from apps.lifecycle.models import Phase
from apps.projects.models import Project
from apps.requirements.models import Conflict, Requirement
from tests.browser.test_upload_to_report import sign_in
from tests.factories import make_user

pytestmark = pytest.mark.browser
ADULT = Path(__file__).parents[1] / "data" / "predictions" / "adult"
WAIT = 90_000
SLUG = "income-screening"


class Walk:
    """A manager at work in the project; each method is one thing that they do."""

    def __init__(self, page) -> None:  # type: ignore[no-untyped-def]
        self.page = page

    def open(self, name: str, *args: object) -> None:
        self.page.goto(reverse(name, args=[SLUG, *args]))

    def send(self, button: str, **fields: object) -> None:
        """Fill the form with this button, and send it; nothing may be refused."""
        form = self.page.locator("form").filter(has=self.page.get_by_role("button", name=button, exact=True))
        for name, value in fields.items():
            fill(form.first, name, value)
        form.first.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_load_state()
        assert self.page.locator(".err, .notice.bad").all_inner_texts() == []

    def upload_truth(self) -> None:
        self.open("datasets:upload-truth")
        self.page.set_input_files("input[type=file]", ADULT / "truth.parquet")
        self.page.locator("main form button[type=submit]").first.click()
        self.page.get_by_text("24,421").first.wait_for(timeout=WAIT)

    def upload_run(self, file: str, model: str, **fields: object) -> None:
        self.open("evaluations:upload")
        self.page.set_input_files("input[type=file]", ADULT / file)
        self.page.get_by_role("button", name="Upload the file").click()
        self.page.get_by_role("heading", name="Match the columns").wait_for(timeout=WAIT)
        self.send("Evaluate", model=model, truth="truth.parquet", **fields)
        self.page.get_by_role("heading", name="Metrics with 95% intervals").wait_for(timeout=WAIT)

    def see_verdict(self, number: int, word: str) -> None:
        """The chip of the requirement says this, once the worker has judged."""
        for _attempt in range(40):
            self.open("requirements:detail", number)
            if self.page.locator(f".verdict:has-text('{word}')").count():
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"R-{number:02d} never became {word}: {self.page.url}")


def fill(form, name: str, value: object) -> None:  # type: ignore[no-untyped-def]
    field = form.locator(f"[name={name}]")
    kind = field.first.evaluate("e => e.type || e.tagName")
    if kind in ("radio", "checkbox"):
        choice = form.locator(f"[name={name}][value='{value}']") if kind == "radio" else field
        choice.first.check(force=True)
    elif kind.startswith("select"):
        text = str(value)
        known = field.locator(f"option[value='{text}']").count()
        field.select_option(value=text) if known else field.select_option(label=label_with(field, text))
    else:
        field.fill(str(value))


def label_with(field, text: str) -> str:  # type: ignore[no-untyped-def]
    return next(label for label in field.locator("option").all_inner_texts() if text in label)


def test_from_an_idea_to_production(live_portal: str, browser_page) -> None:  # type: ignore[no-untyped-def]
    page = browser_page
    sign_in(page, make_user("Product manager").email)
    walk = Walk(page)
    page.get_by_role("link", name="Start a project").first.click()
    walk.send("Start the project", name="Income screening", domain="Retail banking", use_case="automation")
    assert Project.objects.get().slug == SLUG

    assess(walk)
    discover(walk)
    wish(walk)
    measure(walk)
    resolve(walk)
    pass_the_gate(walk)
    deliver(walk)

    page.goto(reverse("dashboards:portfolio"))
    row = page.get_by_role("row").filter(has_text="Income screening").first
    assert "Live" in row.inner_text()
    assert "Retail banking" in row.inner_text()
    assert "Product manager" in row.inner_text()
    assert page.get_by_text("1 system", exact=False).first.is_visible()
    walk.open("dashboards:project")
    assert page.get_by_text("In production since").first.is_visible()


def assess(walk: Walk) -> None:
    """Every question is answered; the sheet then advises machine learning."""
    for question in QUESTIONS:
        walk.open("lifecycle:answer-fit", question.key)
        state = "refuted" if question.group == Group.AGAINST else "tested"
        walk.send("Save the answer", state=state, note="Seen in the files of the last year.")
    walk.open("lifecycle:fit")
    assert walk.page.get_by_text("The answers speak for machine learning.").first.is_visible()


def discover(walk: Walk) -> None:
    today = timezone.localdate()
    walk.open("lifecycle:start-discovery")
    walk.send(
        "Start discovery",
        started_on=today.isoformat(),
        ends_on=(today + timedelta(days=28)).isoformat(),
        goal="Does a model find more of the well-paid than the rule does?",
    )
    walk.send("Add", text="A model finds more of the well-paid than the rule.")


def wish(walk: Walk) -> None:
    for name, goal in (("Sales", "Reach those who can use it."), ("Customer relations", "Annoy nobody.")):
        walk.open("requirements:stakeholders")
        walk.send("Add", name=name, goal=goal)
    wishes = (
        ("Most of the well-paid are found.", "must", "recall", "75", "Sales"),
        ("Offers rarely go to the wrong person.", "should", "precision", "80", "Customer relations"),
        ("Applicants are ranked well.", "must", "roc_auc", "0.9", "Sales"),
    )
    for statement, priority, metric, limit, name in wishes:
        walk.open("requirements:create")
        walk.page.get_by_label(name, exact=True).check()
        walk.send(
            "Add the requirement",
            statement=statement,
            kind="quality",
            priority=priority,
            verification="On the hold-out.",
            metric=metric,
            comparison="at_least",
            limit=limit,
        )
    walk.open("requirements:value")
    walk.send("Save the price list", volume_per_year=60_000, hit=90, false_alarm=60, hoped_per_year=200_000)


def measure(walk: Walk) -> None:
    """The baseline first, then two models; verdicts follow each."""
    walk.upload_truth()
    walk.open("datasets:datasets")
    walk.send("Add the data set", name="Census, test half", role="holdout")
    walk.send("Add the version", existing="truth.parquet")
    walk.upload_run("pred_rule.csv.gz", "education rule", baseline=True)
    walk.open("evaluations:baseline")
    walk.send("Name the baseline", model="education rule", kind="rule")
    walk.see_verdict(3, "Unverified")
    walk.upload_run("pred_lr.csv.gz", "logistic regression")
    walk.see_verdict(3, "Confirmed")
    walk.see_verdict(1, "Contradicting")
    walk.upload_run("pred_hgb.csv.gz", "gradient boosting")
    walk.see_verdict(3, "Confirmed")
    walk.see_verdict(2, "Contradicting")


def resolve(walk: Walk) -> None:
    """Sales gives way: recall is asked for no higher than it is where the precision holds."""
    conflict = Conflict.objects.get(gone_at=None)
    walk.open("requirements:conflict", conflict.pk)
    walk.page.locator(".plot.done .main-svg").first.wait_for()
    walk.page.locator("input[name=chosen]").first.check(force=True)
    walk.send("Record the decision", decision="Sales agrees: the campaign is aimed at fewer people.")
    walk.see_verdict(1, "Confirmed")
    changed = Requirement.objects.select_related("current").get(number=1)
    assert changed.current is not None
    assert changed.current.number == 2
    assert changed.current.limit is not None
    assert 0.6 < changed.current.limit < 0.65


def pass_the_gate(walk: Walk) -> None:
    walk.open("lifecycle:settle", 1)
    walk.send("Settle it", state="confirmed", finding="Two thirds instead of half of them.")
    for _attempt in range(40):  # the comparison with the baseline is a job of its own
        walk.open("lifecycle:gate", "delivery")
        if "The evidence advises to go" in walk.page.locator("main").inner_text():
            break
        walk.page.wait_for_timeout(500)
    walk.page.locator("input[name=outcome][value=go]").check(force=True)
    promised = (timezone.localdate() + timedelta(days=60)).isoformat()
    walk.page.locator("[name=promised_on]").fill(promised)
    walk.send("Record the decision")
    assert Phase.objects.get(closed_at=None).kind == Phase.Kind.DELIVERY


def deliver(walk: Walk) -> None:
    walk.open("lifecycle:delivery")
    walk.send("Add", name="Scoring service", size=3)
    walk.open("lifecycle:agree-scope")
    walk.send("Agree on the scope", promised_on=(timezone.localdate() + timedelta(days=60)).isoformat())
    walk.open("lifecycle:delivery")
    walk.page.get_by_role("button", name=re.compile("D-1 is done today")).click()
    walk.page.wait_for_load_state()
    walk.open("lifecycle:gate", "production")
    walk.page.locator("input[name=outcome][value=go]").check(force=True)
    walk.send("Record the decision")
    assert Phase.objects.get(closed_at=None).kind == Phase.Kind.PRODUCTION
