"""What people are mailed, and when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.notifications.models import Delivery, Preference
from apps.notifications.sending.delivering import deliver
from apps.notifications.services import notify
from apps.projects.models import Project
from tests.factories import make_member, make_project
from tests.notifications.making import make_event

pytestmark = pytest.mark.django_db


def tell(project: Project, *people: User, **fields: Any) -> list[Delivery]:
    return notify(project=project, event=make_event(**fields), people=people)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def wait_is_over() -> None:
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())


def test_at_once(project: Project, owner: User) -> None:
    """Who never said anything gets failures and warnings at once, as plain text with a link."""
    tell(project, owner)
    deliver()
    [sent] = mail.outbox
    assert sent.to == [owner.email]
    assert sent.subject == "[Churn] The column age is missing."
    assert sent.body.splitlines()[:4] == [
        "Churn",
        "The column age is missing.",
        "Send the batch again with the column.",
        settings.BASE_URL + "/projects/churn/alerts/1/",
    ]
    assert settings.BASE_URL + "/settings/notifications/" in sent.body
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.status) == ("sent", 1, None)
    assert sent.extra_headers["Message-ID"] == f"<mlsd-delivery-{row.pk}@testserver>"
    deliver()
    assert len(mail.outbox) == 1


def test_text_is_neither_escaped_nor_a_header(project: Project, owner: User) -> None:
    title = Message("%(column)s & <b>", {"column": "age\r\nBcc: all@example.org"})
    tell(project, owner, title=title)
    deliver()
    [sent] = mail.outbox
    assert sent.subject == "[Churn] age Bcc: all@example.org & <b>"
    assert "& <b>" in sent.body
    assert sent.recipients() == [owner.email]


def test_a_very_long_title(project: Project, owner: User) -> None:
    tell(project, owner, title=Message("x" * 5_000))
    deliver()
    assert len(mail.outbox[0].subject) == 180


def test_in_the_language_of_the_person(project: Project, owner: User) -> None:
    """Each of two people in one round gets theirs."""
    colleague = make_member(project, "viewer")
    Preference.objects.create(user=owner, language="ru")
    text = Message("Failed")
    tell(project, owner, colleague, title=text)
    deliver()
    assert {sent.to[0]: sent.subject for sent in mail.outbox} == {
        owner.email: "[Churn] Ошибка",
        colleague.email: "[Churn] Failed",
    }


def test_a_digest_is_one_mail(project: Project, owner: User) -> None:
    Preference.objects.create(user=owner, mail="digest", digest_at=time(8))
    other = make_project(owner, "Fraud")
    for number in range(3):
        tell(project, owner, key=str(number), link=f"/alerts/{number}/", title=Message(f"Alert {number}"))
    tell(other, owner)
    deliver()
    assert mail.outbox == []
    wait_is_over()
    deliver()
    [sent] = mail.outbox
    assert sent.subject == "Your day: 4 messages"
    order = ["Fraud", "Alert 2", "Alert 1", "Alert 0"]  # the newest first
    assert sorted(order, key=sent.body.index) == order
    assert states() == ["sent"] * 4


def test_what_opens_and_closes_in_the_night_is_one_message(project: Project, owner: User) -> None:
    """Quiet now: nothing is sent. In the morning, what came of it."""
    now = timezone.now()
    Preference.objects.create(
        user=owner,
        severity="all",
        quiet_from=(now - timedelta(hours=1)).time(),
        quiet_until=(now + timedelta(hours=1)).time(),
    )
    for number in range(3):
        tell(project, owner, key=f"opened-{number}")
        tell(project, owner, key=f"resolved-{number}", severity="ok", title=Message("It is over."))
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {now + timedelta(hours=1)}
    deliver()
    assert mail.outbox == []

    Preference.objects.update(quiet_from=None, quiet_until=None)  # it is morning
    wait_is_over()
    deliver()
    [sent] = mail.outbox
    assert sent.subject == "[Churn] It is over."
    assert "5 earlier messages about it are left out." in sent.body
    assert "The column age" not in sent.body
    assert states() == ["sent"] * 6


def test_a_retry_does_not_end_the_quiet(project: Project, owner: User) -> None:
    """Due within quiet hours, after a failure or as the hours were changed: it waits and costs no attempt."""
    [row] = tell(project, owner)
    now = timezone.now()
    Preference.objects.create(
        user=owner,
        quiet_from=(now - timedelta(hours=1)).time(),
        quiet_until=(now + timedelta(hours=1)).time(),
    )
    deliver()
    row.refresh_from_db()
    assert (mail.outbox, row.state, row.attempts, row.lease_until) == ([], "waiting", 0, None)
    assert timedelta(minutes=59) < row.due_at - now <= timedelta(hours=1)


def test_quiet_in_their_own_zone(project: Project, owner: User) -> None:
    tokyo = datetime.now(ZoneInfo("Asia/Tokyo"))
    Preference.objects.create(
        user=owner,
        zone="Asia/Tokyo",
        quiet_from=(tokyo - timedelta(hours=1)).time(),
        quiet_until=(tokyo + timedelta(hours=1)).time(),
    )
    [row] = tell(project, owner)
    assert row.due_at > timezone.now() + timedelta(minutes=59)


@pytest.mark.parametrize("what", ["left", "no account", "never"])
def test_who_is_not_told_any_more(project: Project, what: str) -> None:
    person = make_member(project, "manager")
    tell(project, person)
    if what == "left":
        person.memberships.all().delete()
    elif what == "no account":
        User.objects.filter(pk=person.pk).update(is_active=False)
    else:
        Preference.objects.create(user=person, mail="never")
    deliver()
    assert mail.outbox == []
    row = Delivery.objects.get()
    assert row.state == "dropped"
    assert row.problem["text"].startswith("This person")


def test_who_left_one_of_two_projects(project: Project, owner: User) -> None:
    person = make_member(project, "viewer")
    other = make_project(owner, "Fraud")
    other.memberships.create(user=person, role="viewer")
    tell(project, person)
    tell(other, person, title=Message("Fraud alert"))
    project.memberships.filter(user=person).delete()
    deliver()
    assert [sent.subject for sent in mail.outbox] == ["[Fraud] Fraud alert"]
    assert states() == ["dropped", "sent"]


def test_a_mail_server_that_fails_is_tried_again(
    project: Project, owner: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "tests.notifications.test_mail.FailingBackend"
    [row] = tell(project, owner)
    deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert str(Message.from_json(row.problem)) == (
        "The mail server did not take the mail (SMTPServerDisconnected)."
    )
    assert row.due_at > timezone.now() + timedelta(seconds=50)
    assert "secret.example.org" in caplog.text
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    wait_is_over()
    deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.problem) == ("sent", 2, None)


class FailingBackend(mail.backends.base.BaseEmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise SMTPServerDisconnected("secret.example.org closed the connection")


def test_a_portal_without_mail_says_so(project: Project, owner: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    [row] = tell(project, owner)
    deliver()
    row.refresh_from_db()
    assert row.state == "dropped"
    assert "no mail server" in row.problem["text"]
