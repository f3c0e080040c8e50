"""What the pages of monitoring say, how heavy they are, and how many queries they need."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.drift.models import DriftReport
from apps.monitoring.models import Alert, Batch, Monitor, WatchedModel
from apps.projects.models import Project, Role
from tests.factories import (
    make_alert,
    make_batch,
    make_file,
    make_member,
    make_model_version,
    make_monitor,
    make_project,
    make_user,
)
from tests.monitoring.shown import EVIL, fill, judge, make_watched

PAGE_BYTES = 400_000
FIGURE_BYTES = 150_000


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Nadia Petrova")


@pytest.fixture
def project(owner: User) -> Project:
    return make_project(owner, "Payment fraud screening")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def get(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def page_of(client: Client, monitor: Monitor, query: str = "") -> str:
    return get(client, reverse("monitoring:detail", args=[monitor.project.slug, monitor.number]) + query)


def figure_of(page: str) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'<script id="figure-monitor-time-line"[^>]*>(.*?)</script>', page, re.S)
    assert found
    assert len(found[1]) < FIGURE_BYTES
    drawn: dict[str, list[dict[str, object]]] = json.loads(found[1])
    return drawn


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def names(page: str) -> list[str]:
    """Names of the table's rows, in its order."""
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page)


# One monitor


def test_the_three_answers_come_first(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project)
    page = page_of(signed_in, monitor)
    answers = re.findall(r'<article class="card q (\w+)">.*?<span>([^<]*)</span>', page, re.S)
    assert [state for state, _text in answers] == ["ok", "warn", "bad"]
    assert answers[2][1] == "No. Accuracy fell by 4 points."
    batch_url = reverse("monitoring:batch", args=[project.slug, 1, 3])
    assert f'<a href="{batch_url}">Batch 3</a>' in page
    assert "19 of 20 expected batches arrived" in page
    assert "The labels of 15 Jan 2026 are expected on 29 Jan 2026" in page


def test_the_evidence_follows(signed_in: Client, project: Project) -> None:
    page = page_of(signed_in, make_watched(project))
    assert "1,900 of 2,000 rows have labels" in page
    assert "The whole interval is below the limit." in page
    assert "at least 85%" in page
    assert "+10.0 pp" in page  # over the baseline
    assert "better than the baseline" in page
    assert "was off by 1.2 pp on average" in page
    assert "no concept drift" in page
    assert "vicprice" in page
    assert f"/api/v1/monitors/{project.monitors.get().pk}/batches/" in page


def test_an_estimate_is_drawn_as_one_and_gives_way_to_the_truth(signed_in: Client, project: Project) -> None:
    figure = figure_of(page_of(signed_in, make_watched(project)))
    traces = {str(trace["name"]): trace for trace in figure["data"]}
    truth, estimate = traces["Accuracy"], traces["estimate, no labels yet"]
    assert [value is None for value in truth["y"]] == [False] * 10 + [True] * 10  # type: ignore[attr-defined]
    assert [value is None for value in estimate["y"]] == [True] * 10 + [False] * 10  # type: ignore[attr-defined]
    assert estimate["line"]["dash"] == "dash"  # type: ignore[index]
    assert estimate["marker"]["color"] == "var(--surface)"  # type: ignore[index]


def test_windows_metric_and_segment_are_chosen(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project, 40)

    def drawn(query: str) -> int:
        return len(figure_of(page_of(signed_in, monitor, query))["data"][0]["x"])  # type: ignore[arg-type]

    assert drawn("") == 40
    assert drawn("?windows=30") == 30
    assert drawn("?first=2026-01-10&last=2026-01-12") == 3
    assert drawn("?windows=nonsense&first=yesterday&metric=password&segment=x") == 40
    night = page_of(signed_in, monitor, "?segment=" + '["period", "night"]')
    assert "Accuracy where period is night" in night
    assert "No batch in this time" in page_of(signed_in, monitor, "?first=2030-01-01")


def test_new_champions_and_alerts_are_marked(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project)
    since = monitor.starts_at + timedelta(days=5)
    monitor.models.filter(part=WatchedModel.Part.CHAMPION).update(until=since)
    WatchedModel.objects.create(monitor=monitor, version=make_model_version(project, EVIL), since=since)
    make_alert(monitor, title={"text": "%(c)s is missing.", "params": {"c": EVIL}}, first_at=since)
    page = page_of(signed_in, monitor)
    figure = figure_of(page)
    notes = json.dumps(figure["layout"]["annotations"])  # type: ignore[call-overload]
    assert "&lt;img" in notes.replace("\\u003C", "<").replace("\\u0026", "&")
    assert any(trace["name"] == "Alerts: failure" for trace in figure["data"])
    assert "<img" not in page


def test_nobody_can_write_markup(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project, name=EVIL, description=EVIL, watch_metric=EVIL[:40])
    make_alert(monitor, title={"text": "%(c)s", "params": {"c": EVIL}})
    addresses = [
        reverse("monitoring:all"),
        reverse("monitoring:alerts"),
        reverse("monitoring:list", args=[project.slug]),
        reverse("monitoring:detail", args=[project.slug, 1]),
        reverse("monitoring:batches", args=[project.slug, 1]),
        reverse("monitoring:batch", args=[project.slug, 1, 3]),
        reverse("monitoring:labels", args=[project.slug, 1]),
        reverse("monitoring:edit", args=[project.slug, 1]),
        reverse("monitoring:models", args=[project.slug, 1]),
        reverse("monitoring:archive", args=[project.slug, 1]),
        reverse("monitoring:upload-batch", args=[project.slug, 1]),
        reverse("monitoring:upload-labels", args=[project.slug, 1]),
        reverse("monitoring:alert", args=[project.slug, 1]),
        f"/projects/{project.slug}/",
    ]
    for address in addresses:
        assert "<img" not in get(signed_in, address), address


def test_a_new_monitor_explains(signed_in: Client, project: Project) -> None:
    page = page_of(signed_in, make_monitor(project))
    assert page.count("Not known. No batch has been judged yet.") == 3
    assert "No batch has arrived yet" in page
    assert "There are no windows with labels yet" in page


def test_many_batches_make_no_more_queries_and_a_light_page(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project, 20)
    address = reverse("monitoring:detail", args=[project.slug, monitor.number]) + "?windows=all"
    few = queries(signed_in, address)
    fill(monitor, 600)
    assert queries(signed_in, address) == few <= 25
    page = page_of(signed_in, monitor, "?windows=all")
    assert len(figure_of(page)["data"][0]["x"]) <= 2_000  # type: ignore[arg-type]
    assert "Each point stands for up to 3 windows" in page
    assert len(page.encode()) < PAGE_BYTES


# A batch


def test_a_batch_says_what_was_found(signed_in: Client, project: Project) -> None:
    make_watched(project)
    page = get(signed_in, reverse("monitoring:batch", args=[project.slug, 1, 3]))
    assert "is empty in every row." in page
    assert "12 rows" in page
    assert re.findall(r'<th scope="row"><span class="mono break">(\w+)', page) == [
        "score",
        "vicprice",
        "calm",
    ]
    assert "200 with labels" in page
    assert "61.0 ms" in page
    assert "The comparable window before is batch 2." in page


def test_a_correction_names_what_it_replaced(signed_in: Client, project: Project) -> None:
    monitor = make_monitor(project)
    first = make_batch(monitor, replaced_at=timezone.now())
    second = make_batch(monitor)
    pages = [
        get(signed_in, reverse("monitoring:batch", args=[project.slug, 1, batch.number]))
        for batch in (first, second)
    ]
    assert "Batch 2 replaced this one." in pages[0]
    assert "This is a correction of Batch 1." in pages[1]


def test_a_batch_becomes_a_drift_report(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project)
    address = reverse("monitoring:batch-drift", args=[project.slug, 1, 3])
    assert "not kept any more" in signed_in.post(address, follow=True).content.decode()
    Batch.objects.filter(monitor=monitor, number=3).update(file=make_file(project))
    assert signed_in.post(address).status_code == 302
    report = DriftReport.objects.get()
    assert report.reference_file_id == monitor.reference_file_id


# Lists


def test_the_worst_monitor_stands_first(signed_in: Client, project: Project) -> None:
    for name, states in {"Fine": "ok ok ok", "Bad": "ok bad ok", "Partly": "warn ok ok"}.items():
        at_all, well, as_before = states.split()
        make_monitor(project, name=name, at_all=at_all, well=well, as_before=as_before)
    make_monitor(project, name="New")
    make_monitor(project, name="Gone", archived_at=timezone.now())
    for address in (reverse("monitoring:all"), reverse("monitoring:list", args=[project.slug])):
        assert names(get(signed_in, address)) == ["Bad", "Partly", "New", "Fine"]
        assert names(get(signed_in, address + "?health=bad")) == ["Bad"]
        assert names(get(signed_in, address + "?state=archived")) == ["Gone"]
        assert names(get(signed_in, address + "?q=PART")) == ["Partly"]
        assert "No monitor fits “&lt;b&gt;”" in get(signed_in, address + "?q=<b>")


def test_others_monitors_are_not_listed(signed_in: Client, project: Project) -> None:
    make_alert(make_monitor(make_project(make_user(), "Not mine"), name="Secret"))
    assert "Secret" not in get(signed_in, reverse("monitoring:all"))
    assert "Secret" not in get(signed_in, reverse("monitoring:alerts"))


def test_a_row_shows_the_trend(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project)
    make_alert(monitor)
    page = get(signed_in, reverse("monitoring:list", args=[project.slug]))
    assert "10 windows, from 80.0% to 80.9%" in page
    assert "next expected 29 Jan 2026" in page
    assert "24 Jan 2026" in page  # the newest batch


def test_lists_need_as_many_queries_with_one_row_as_with_many(signed_in: Client, project: Project) -> None:
    monitor = make_watched(project, 3)
    alert = make_alert(monitor)
    addresses = [
        reverse("monitoring:all"),
        reverse("monitoring:list", args=[project.slug]),
        reverse("monitoring:batches", args=[project.slug, 1]),
        reverse("monitoring:alerts"),
        reverse("monitoring:project-alerts", args=[project.slug]),
    ]
    make_alert(monitor, parent=alert)
    few = [queries(signed_in, address) for address in addresses]
    for number in range(5):
        other = make_watched(project, 3, name=f"Another {number}")
        make_alert(other, parent=make_alert(other))
    fill(monitor, 30)
    assert [queries(signed_in, address) for address in addresses] == few
    assert max(few) <= 14


def test_empty_lists_explain(signed_in: Client, client: Client, project: Project) -> None:
    address = reverse("monitoring:list", args=[project.slug])
    assert "Add the first monitor" in get(signed_in, address)
    assert "No open alert" in get(signed_in, reverse("monitoring:alerts"))
    client.force_login(make_member(project, Role.VIEWER))
    assert reverse("monitoring:new", args=[project.slug]) not in get(client, address)


# Alerts


def test_what_follows_stands_below_its_cause(signed_in: Client, project: Project) -> None:
    monitor = make_monitor(project)
    cause = make_alert(monitor, opened_at=timezone.now() - timedelta(days=2))
    make_alert(monitor, kind=Alert.Kind.DRIFT, parent=cause)
    make_alert(monitor, kind=Alert.Kind.VOLUME, severity="warn", opened_at=timezone.now())
    page = get(signed_in, reverse("monitoring:project-alerts", args=[project.slug]))
    rows = re.findall(r'<tr class="link( follows)?">.*?>The column (\w+) is missing', page, re.S)
    assert rows == [("", "column3"), ("", "column1"), (" follows", "column2")]
    drift = get(signed_in, reverse("monitoring:alerts") + "?kind=drift")
    assert re.findall(r"The column (\w+) is missing", drift) == ["column2"]


def test_alerts_are_found_by_their_state(signed_in: Client, project: Project) -> None:
    monitor, now = make_monitor(project), timezone.now()
    make_alert(monitor)
    make_alert(monitor, acknowledged_at=now, acknowledged_by=project.created_by)
    make_alert(monitor, snoozed_until=now + timedelta(hours=1))
    make_alert(monitor, resolved_at=now)
    make_alert(monitor, snoozed_until=now - timedelta(hours=1))

    def found(state: str) -> list[str]:
        page = get(signed_in, f"{reverse('monitoring:alerts')}?state={state}")
        return sorted(re.findall(r"The column column(\d) is missing", page))

    assert found("") == ["1", "2", "3", "5"]
    assert found("open") == ["1", "5"]
    assert found("acknowledged") == ["2"]
    assert found("snoozed") == ["3"]
    assert found("resolved") == ["4"]
    assert found("all") == ["1", "2", "3", "4", "5"]


def test_people_look_after_an_alert(signed_in: Client, project: Project) -> None:
    alert = make_alert(make_monitor(project))
    address = reverse("monitoring:alert", args=[project.slug, alert.number])
    assert signed_in.post(address, {"do": "acknowledge", "note": "<b>I look.</b>"}).status_code == 302
    page = get(signed_in, address)
    assert "&lt;b&gt;I look.&lt;/b&gt;" in page
    assert "Acknowledged" in page
    assert signed_in.post(address, {"do": "snooze", "span": "week"}).status_code == 302
    alert.refresh_from_db()
    assert alert.snoozed_until is not None
    assert alert.snoozed_until > timezone.now() + timedelta(days=6)
    assert "Write the day" in signed_in.post(address, {"do": "snooze", "span": "date"}).content.decode()
    assert signed_in.post(address, {"do": "snooze", "span": "date", "until": "2020-01-01"}).status_code == 422
    assert signed_in.post(address, {"do": "note", "note": ""}).status_code == 422
    assert signed_in.post(address, {"do": "resolve"}).status_code == 302
    assert signed_in.post(address, {"do": "resolve"}).status_code == 409
    assert "resolved" in get(signed_in, address)


# Where the lights are seen


def test_the_worst_light_is_seen_everywhere(signed_in: Client, project: Project) -> None:
    assert '<span class="dot none">' in get(signed_in, "/")
    fine = make_monitor(project, name="Fine", at_all="ok", well="ok", as_before="ok")
    page = get(signed_in, f"/projects/{project.slug}/")
    assert '<span class="dot ok">' in page
    monitor = make_watched(project)
    make_alert(monitor)
    page = get(signed_in, f"/projects/{project.slug}/")
    assert '<span class="dot bad">' in page
    assert "No. Accuracy fell by 4 points." in page
    row = signed_in.get("/").context["rows"][0]
    assert row.lights == {"at_all": "ok", "well": "warn", "as_before": "bad"}
    Monitor.objects.filter(pk=monitor.pk).update(paused_at=timezone.now())
    assert signed_in.get("/").context["rows"][0].lights == dict.fromkeys(
        ("at_all", "well", "as_before"), "ok"
    )
    judge(fine)


def test_open_alerts_are_counted_beside_the_pages(signed_in: Client, project: Project) -> None:
    monitor = make_monitor(project)
    for _ in range(3):
        make_alert(monitor)
    make_alert(monitor, resolved_at=timezone.now())
    make_alert(make_monitor(make_project(make_user())))
    page = get(signed_in, reverse("monitoring:all"))
    assert re.search(r'Alerts<span class="count">3</span>', page)
    assert re.search(r'>Monitors<span class="n[^"]*">1</span>', get(signed_in, f"/projects/{project.slug}/"))
