"""What a receiver gets, and when it is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Thread

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from apps.compute.messages import Message
from apps.notifications.models import Delivery, Webhook
from apps.notifications.sending import http
from apps.notifications.sending.delivering import deliver
from apps.notifications.sending.queue import LEASE, MOST_ATTEMPTS, PAUSES, finish, give_up_on_deadly, take
from apps.notifications.services import notify, notify_webhook
from apps.projects.models import Project
from tests.notifications.making import make_event, make_webhook
from tests.notifications.receiver import Receiver, hang, running, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(project: Project, webhook: Webhook) -> Delivery:
    return notify_webhook(project=project, event=make_event(data={"column": "age"}), webhook_id=webhook.pk)


def later() -> None:
    """The pause of everything that waits is over."""
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())


def attempt(row: Delivery) -> Delivery:
    deliver()
    row.refresh_from_db()
    return row


def test_signed_json(queued: Delivery, receiver: Receiver, webhook: Webhook) -> None:
    row = attempt(queued)
    [got] = receiver.received
    sent_at = datetime.fromisoformat(got.json["sent_at"])
    assert {**got.json, "sent_at": None} == {
        "event": "alert.opened",
        "id": "alert-1-opened",
        "project": "churn",
        "severity": "bad",
        "title": "The column age is missing.",
        "text": "Send the batch again with the column.",
        "link": settings.BASE_URL + "/projects/churn/alerts/1/",
        "data": {"column": "age"},
        "sent_at": None,
    }
    assert got.is_signed_with(webhook.secret)
    assert not got.is_signed_with("another key")
    assert got.headers["X-MLSD-Event"] == "alert.opened"
    assert got.headers["X-MLSD-Delivery"] == str(row.pk)
    assert int(got.headers["X-MLSD-Timestamp"]) == int(sent_at.timestamp())
    assert abs(timezone.now() - sent_at) < timedelta(minutes=1)
    assert (row.state, row.attempts, row.status, row.problem) == ("sent", 1, 200, None)
    assert row.sent_at is not None
    assert row.lease_until is None


def test_text_as_slack_takes_it(project: Project, receiver: Receiver, loopback: None) -> None:
    webhook = make_webhook(project, url=receiver.url(), format="slack")
    title = Message("The column %(column)s is missing.", {"column": "<!channel> a&b"})
    notify_webhook(project=project, event=make_event(title=title), webhook_id=webhook.pk)
    deliver()
    assert receiver.received[0].json == {
        "text": (
            "*churn: The column &lt;!channel&gt; a&amp;b is missing.*\n"
            f"Send the batch again with the column.\n<{settings.BASE_URL}/projects/churn/alerts/1/>"
        )
    }


def test_other_alphabets(queued: Delivery, receiver: Receiver) -> None:
    queued.event["data"] = {"name": "пример"}
    queued.save()
    assert attempt(queued).state == "sent"
    assert receiver.received[0].json["data"] == {"name": "пример"}


def test_an_hour_of_500_and_then_recovery(queued: Delivery, receiver: Receiver) -> None:
    receiver.reply = status(500)
    waited = timedelta(0)
    for pause in PAUSES:
        before = timezone.now()
        row = attempt(queued)
        assert row.state == "waiting"
        assert row.status == 500
        assert row.problem == {
            "text": "The receiver answered with status %(status)s.",
            "params": {"status": 500},
        }
        assert pause <= row.due_at - before <= 1.2 * pause + timedelta(seconds=10)
        deliver()  # which is too early
        waited += row.due_at - before
        if waited > timedelta(hours=1):
            break
        later()
    assert len(receiver.received) == row.attempts == 5
    receiver.reply = status(200)
    later()
    row = attempt(queued)
    assert (row.state, row.attempts, row.status, row.problem) == ("sent", 6, 200, None)
    assert {got.headers["X-MLSD-Delivery"] for got in receiver.received} == {str(row.pk)}
    assert all(got.is_signed_with("key of the signature") for got in receiver.received)


def test_pauses_until_it_is_given_up() -> None:
    minutes = [pause.total_seconds() / 60 for pause in PAUSES]
    assert minutes == [1, 2, 5, 15, 60, 180, 720, 1_440]
    assert MOST_ATTEMPTS == 9


def test_given_up_after_the_last_attempt(queued: Delivery, receiver: Receiver) -> None:
    receiver.reply = status(503)
    Delivery.objects.update(attempts=MOST_ATTEMPTS - 1)
    row = attempt(queued)
    assert (row.state, row.attempts, row.status) == ("failed", MOST_ATTEMPTS, 503)
    later()
    deliver()
    assert len(receiver.received) == 1


def test_gone_switches_the_webhook_off(queued: Delivery, receiver: Receiver, project: Project) -> None:
    receiver.reply = status(410)
    other = notify_webhook(
        project=project, event=make_event(key="another"), webhook_id=queued.webhook_id or 0
    )
    row = attempt(queued)
    assert (row.state, row.status) == ("failed", 410)
    assert not Webhook.objects.get().is_active
    assert notify(project=project, event=make_event(key="third")) == []
    later()
    assert attempt(other).state == "dropped"
    assert other.problem == {"text": "The webhook is switched off.", "params": {}}
    assert len(receiver.received) == 1


def test_a_redirect_is_a_failure_that_says_so(queued: Delivery, receiver: Receiver) -> None:
    receiver.reply = status(302, Location="http://169.254.169.254/")
    row = attempt(queued)
    assert (row.state, row.status) == ("waiting", 302)
    assert "Redirects are not followed" in row.problem["text"]


def test_the_own_network_is_never_asked(project: Project, receiver: Receiver) -> None:
    """Without the allowance, not even for a name that leads there."""
    webhook = make_webhook(project, url=receiver.url(host="localhost"))
    row = attempt(notify_webhook(project=project, event=make_event(), webhook_id=webhook.pk))
    assert (row.state, row.status, receiver.received) == ("waiting", None, [])
    assert "not in the public internet" in row.problem["text"]


def test_a_receiver_that_is_down_is_spared(project: Project, webhook: Webhook, receiver: Receiver) -> None:
    """One message after the other, and after a failure none at once."""
    receiver.reply = status(500)
    rows = [
        notify_webhook(project=project, event=make_event(key=str(number)), webhook_id=webhook.pk)
        for number in range(20)
    ]
    deliver()
    assert len(receiver.received) == 1
    assert receiver.received[0].headers["X-MLSD-Delivery"] == str(rows[0].pk)
    receiver.reply = status(200)
    later()
    deliver()
    sent = [int(got.headers["X-MLSD-Delivery"]) for got in receiver.received[1:]]
    assert sent == [row.pk for row in rows]
    assert receiver.most_at_once == 1


def test_one_receiver_that_hangs_holds_no_other_up(
    project: Project, webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.5)
    receiver.reply = hang(2)
    with running() as healthy:
        second = make_webhook(project, url=healthy.url())
        for number in range(3):
            notify(project=project, event=make_event(key=str(number)))
        deliver()
        assert len(healthy.received) == 3
    assert second.deliveries.filter(state="sent").count() == 3
    assert webhook.deliveries.filter(state="waiting", attempts=1).count() == 1


def test_a_worker_that_dies(queued: Delivery, receiver: Receiver) -> None:
    """Its lease ends, and the message is sent again with the same number."""
    [[taken]] = take(10)
    assert taken == queued
    assert take(10) == []
    deliver()
    assert receiver.received == []
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    row = attempt(queued)
    assert (row.state, row.attempts) == ("sent", 2)


def test_a_lease_outlasts_every_attempt() -> None:
    assert LEASE.total_seconds() > 5 * http.WHOLE_SECONDS


def test_who_lost_the_lease_writes_nothing(queued: Delivery) -> None:
    [[taken]] = take(10)
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    [[again]] = take(10)
    finish([taken], http.Answer(500, 1, Message("The receiver answered with status 500.")))
    queued.refresh_from_db()
    assert (queued.status, queued.lease_until) == (None, again.lease_until)
    finish([again], http.Answer(200, 1))
    queued.refresh_from_db()
    assert (queued.state, queued.status) == ("sent", 200)


def test_a_message_that_kills_workers_ends(queued: Delivery) -> None:
    Delivery.objects.update(attempts=MOST_ATTEMPTS, lease_until=timezone.now() - timedelta(seconds=1))
    assert give_up_on_deadly() == 1
    queued.refresh_from_db()
    assert (queued.state, queued.lease_until) == ("failed", None)


def test_a_row_that_cannot_be_read_holds_no_other_up(
    project: Project, webhook: Webhook, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    broken = notify_webhook(project=project, event=make_event(key="a"), webhook_id=webhook.pk)
    Delivery.objects.filter(pk=broken.pk).update(event={"kind": "of another release"})
    with running() as other:
        second = make_webhook(project, url=other.url())
        good = notify_webhook(project=project, event=make_event(key="b"), webhook_id=second.pk)
        assert attempt(good).state == "sent"
    broken.refresh_from_db()
    assert broken.state == "waiting"
    assert "on our side" in broken.problem["text"]
    assert "A delivery failed" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
def test_two_workers_send_once(project: Project, webhook: Webhook, receiver: Receiver) -> None:
    for number in range(30):
        notify_webhook(project=project, event=make_event(key=str(number)), webhook_id=webhook.pk)

    def work() -> None:
        deliver()
        connections.close_all()

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver()
    sent = [got.headers["X-MLSD-Delivery"] for got in receiver.received]
    assert len(sent) == len(set(sent)) == 30
    assert receiver.most_at_once == 1
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}
