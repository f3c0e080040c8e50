"""The pages of webhooks, of the log and of a person's own settings."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.history.models import Change
from apps.notifications.models import Delivery, Preference, Webhook
from apps.notifications.sending.delivering import deliver
from apps.notifications.services import notify, notify_webhook
from apps.projects.models import Project
from tests.factories import make_project
from tests.notifications.making import make_event, make_webhook
from tests.notifications.receiver import Receiver

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Chat",
    "url": "https://hooks.example.org/services/T0/key",
    "format": "slack",
    "severity": "bad",
    "is_active": "on",
}
MAIL = {"mail": "digest", "severity": "all", "digest_at": "07:30", "zone": "Europe/Berlin", "language": "ru"}


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def address(name: str, project: Project, *args: Any) -> str:
    return reverse(f"notifications:{name}", args=[project.slug, *args])


def page(client: Client, url: str, **data: str) -> str:
    answer = client.get(url, data)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "style=" not in text
    assert "onclick" not in text
    return text


def test_a_webhook_is_made_and_its_secret_shown_once(signed_in: Client, project: Project) -> None:
    assert "No webhook yet" in page(signed_in, address("webhooks", project))
    answer = signed_in.post(address("new", project), TYPED)
    webhook = Webhook.objects.get()
    assert webhook.secret in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert len(webhook.secret) == 43  # 32 bytes in base64
    assert (webhook.name, webhook.format, webhook.severity, webhook.is_active) == (
        "Chat",
        "slack",
        "bad",
        True,
    )
    for name, args in [("webhooks", []), ("webhook", [webhook.pk]), ("delete", [webhook.pk])]:
        assert webhook.secret not in page(signed_in, address(name, project, *args))
    shown = page(signed_in, address("webhooks", project))
    assert "hooks.example.org" in shown
    assert "services/T0" not in shown
    assert webhook.secret not in str(list(Change.objects.values("old", "new")))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://hooks.example.org/x", "no address of a web service"),
        ("hooks.example.org/x", "no address of a web service"),
        ("https:///x", "no address of a web service"),
        ("https://hooks.example.org:99999/", "no address of a web service"),
        ("https://[::1/", "no address of a web service"),
        ("https://a b.example.org/", "no address of a web service"),
        ("https://user:pass@hooks.example.org/", "Leave name and password out"),
        ("http://hooks.example.org:25/", "Port 25 is not for web services"),
        ("http://10.0.0.1/", "not in the public internet"),
        ("http://[::ffff:127.0.0.1]:8000/", "not in the public internet"),
    ],
)
def test_addresses_that_are_refused(signed_in: Client, project: Project, url: str, said: str) -> None:
    answer = signed_in.post(address("new", project), {**TYPED, "url": url})
    assert answer.status_code == 200
    assert said in " ".join(answer.context["form"].errors["url"])
    assert 'value="Chat"' in answer.content.decode()  # nothing that was typed is lost
    assert not Webhook.objects.exists()


def test_a_name_is_taken_once(signed_in: Client, project: Project) -> None:
    make_webhook(project, name="Chat")
    answer = signed_in.post(address("new", project), TYPED)
    assert "already" in str(answer.context["form"].errors["name"])
    other = make_webhook(project, name="Pager")
    answer = signed_in.post(address("webhook", project, other.pk), TYPED)
    assert "already" in str(answer.context["form"].errors["name"])


def test_a_webhook_is_changed(signed_in: Client, project: Project) -> None:
    webhook = make_webhook(project, name="Old")
    assert 'value="Old"' in page(signed_in, address("webhook", project, webhook.pk))
    typed = {name: value for name, value in TYPED.items() if name != "is_active"}
    answer = signed_in.post(address("webhook", project, webhook.pk), typed, follow=True)
    webhook.refresh_from_db()
    assert (webhook.name, webhook.url, webhook.is_active) == ("Chat", TYPED["url"], False)
    assert webhook.secret == "key of the signature"
    assert re.search(r">off<", answer.content.decode())


def test_a_new_secret(signed_in: Client, project: Project) -> None:
    webhook = make_webhook(project)
    assert "Make a new secret" in page(signed_in, address("secret", project, webhook.pk))
    answer = signed_in.post(address("secret", project, webhook.pk))
    webhook.refresh_from_db()
    assert webhook.secret != "key of the signature"
    assert webhook.secret in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_deleting_asks_first(signed_in: Client, project: Project) -> None:
    webhook = make_webhook(project)
    notify(project=project, event=make_event())
    page(signed_in, address("delete", project, webhook.pk))
    assert Webhook.objects.exists()
    signed_in.post(address("delete", project, webhook.pk))
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()


def test_the_test_button(signed_in: Client, project: Project, webhook: Webhook, receiver: Receiver) -> None:
    answer = signed_in.post(address("test", project, webhook.pk), follow=True)
    assert "Waiting" in answer.content.decode()
    deliver()
    [got] = receiver.received
    assert (got.json["event"], got.json["title"]) == ("test", "This is a test.")
    assert "Nadia Petrova" in got.json["text"]
    assert got.is_signed_with(webhook.secret)
    assert "Sent" in page(signed_in, address("webhooks", project))
    Webhook.objects.update(is_active=False)
    answer = signed_in.post(address("test", project, webhook.pk), follow=True)
    assert "Switch it on first" in answer.content.decode()


def test_the_log_and_sending_again(
    signed_in: Client, project: Project, webhook: Webhook, receiver: Receiver
) -> None:
    assert "Nothing was sent yet" in page(signed_in, address("deliveries", project))
    row = notify_webhook(project=project, event=make_event(), webhook_id=webhook.pk)
    answer = signed_in.post(address("replay", project, row.pk), follow=True)
    assert "still waiting" in answer.content.decode()
    deliver()
    log = page(signed_in, address("deliveries", project))
    assert "The column age is missing." in log
    assert "Send again" in log
    signed_in.post(address("replay", project, row.pk))
    again = Delivery.objects.get(replay_of=row)
    deliver()
    first, second = receiver.received
    assert (first.json["id"], first.headers["X-MLSD-Delivery"]) == ("alert-1-opened", str(row.pk))
    assert (second.json["id"], second.headers["X-MLSD-Delivery"]) == ("alert-1-opened", str(again.pk))
    signed_in.post(address("replay", project, again.pk))  # again and again
    assert Delivery.objects.count() == 3


def test_the_log_is_filtered(signed_in: Client, project: Project, owner: User) -> None:
    chat, pager = make_webhook(project, name="Chat"), make_webhook(project, name="Pager")
    notify(project=project, event=make_event(), people=[owner])
    Delivery.objects.filter(webhook=pager).update(
        state="failed",
        status=500,
        problem={"text": "The receiver answered with status %(status)s.", "params": {"status": 500}},
    )
    everything = page(signed_in, address("deliveries", project))
    assert everything.count('<th scope="row"') == 3
    failed = page(signed_in, address("deliveries", project), state="failed")
    assert failed.count('<th scope="row"') == 1
    assert "The receiver answered with status 500." in failed
    assert page(signed_in, address("deliveries", project), webhook=str(chat.pk)).count('<th scope="row"') == 1
    assert "No message fits" in page(signed_in, address("deliveries", project), state="dropped")
    odd = page(signed_in, address("deliveries", project), state="odd", webhook="x")
    assert odd.count('<th scope="row"') == 3


def test_text_of_users_is_escaped(signed_in: Client, project: Project) -> None:
    make_webhook(project, name="<b>Chat</b>")
    notify(project=project, event=make_event(link="/x/", key="k", title=make_event().title))
    Delivery.objects.update(event={**make_event().to_json(), "title": {"text": "<script>x", "params": {}}})
    for name in ("webhooks", "deliveries"):
        shown = page(signed_in, address(name, project))
        assert "<b>Chat" not in shown
        assert "<script>x" not in shown


def test_queries_do_not_grow(signed_in: Client, project: Project, owner: User) -> None:
    def counted(name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(signed_in, address(name, project))
        return len(queries)

    make_webhook(project)
    notify(project=project, event=make_event(), people=[owner])
    counted("webhooks")  # what is cached once a process
    few = {name: counted(name) for name in ("webhooks", "deliveries")}
    for number in range(8):
        make_webhook(project)
        notify(project=project, event=make_event(key=str(number)), people=[owner])
    assert {name: counted(name) for name in few} == few
    assert max(few.values()) <= 14


def test_what_is_of_another_project_is_not_there(signed_in: Client, project: Project, owner: User) -> None:
    other = make_project(owner)
    webhook = make_webhook(other)
    [row] = notify(project=other, event=make_event())
    for name in ("webhook", "delete", "secret"):
        assert signed_in.get(address(name, project, webhook.pk)).status_code == 404
    assert signed_in.post(address("test", project, webhook.pk)).status_code == 404
    assert signed_in.post(address("replay", project, row.pk)).status_code == 404


def test_links_lead_here(signed_in: Client, project: Project) -> None:
    settings = page(signed_in, reverse("projects:settings", args=[project.slug]))
    assert address("webhooks", project) in settings
    assert reverse("notifications:preference") in page(signed_in, reverse("accounts:settings"))


def test_own_preference(signed_in: Client, owner: User) -> None:
    shown = page(signed_in, reverse("notifications:preference"))
    assert owner.email in shown
    assert "08:00" in shown
    typed = {**MAIL, "quiet_from": "22:00", "quiet_until": "06:30"}
    answer = signed_in.post(reverse("notifications:preference"), typed)
    assert answer.status_code == 302
    row = Preference.objects.get(user=owner)
    assert (row.mail, row.severity, row.zone, row.language) == ("digest", "all", "Europe/Berlin", "ru")
    assert [str(t) for t in (row.digest_at, row.quiet_from, row.quiet_until)] == [
        "07:30:00",
        "22:00:00",
        "06:30:00",
    ]
    shown = page(signed_in, reverse("notifications:preference"))
    assert 'value="22:00"' in shown
    signed_in.post(reverse("notifications:preference"), {**MAIL, "mail": "never"})
    row.refresh_from_db()
    assert (row.mail, row.quiet_from) == ("never", None)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"quiet_from": "22:00"}, "quiet_until", "or neither"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until", "different times"),
        ({"zone": "Mars/Olympus"}, "zone", "Mars/Olympus"),
        ({"digest_at": "later"}, "digest_at", "valid time"),
    ],
)
def test_preferences_that_are_refused(
    signed_in: Client, typed: dict[str, str], field: str, said: str
) -> None:
    answer = signed_in.post(reverse("notifications:preference"), {**MAIL, **typed})
    assert said in " ".join(answer.context["form"].errors[field])
    assert not Preference.objects.exists()


def test_mail_to_oneself(signed_in: Client, owner: User, mailoutbox: Any) -> None:
    """Also for who wants no mail and in quiet hours."""
    Preference.objects.create(user=owner, mail="never", quiet_from="00:00", quiet_until="23:59:59")
    answer = signed_in.post(reverse("notifications:test-mail"), follow=True)
    assert "Waiting" in answer.content.decode()
    deliver()
    assert mailoutbox[0].to == [owner.email]
    assert mailoutbox[0].subject == "[MLSD Portal] This is a test."
    assert "Sent" in page(signed_in, reverse("notifications:preference"))


def test_a_portal_without_mail_says_so(signed_in: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "This portal sends no mail yet" in page(signed_in, reverse("notifications:preference"))
