"""What managers do with the webhooks of a project and with what was sent to them."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.notifications.events import TEST, Event
from apps.notifications.hints import hint
from apps.notifications.models import Delivery, Severity, Webhook
from apps.notifications.sending.addresses import require_reachable
from apps.notifications.services.queueing import notify_webhook
from apps.projects.access import Action, require
from apps.projects.models import Project

#: Of a secret.
SECRET_BYTES = 32
#: Other ports below the last belong to services that a POST could be meant to fool, such as mail.
WEB_PORTS, FIRST_FREE_PORT = (80, 443), 1_024


@dataclass(frozen=True, slots=True)
class WebhookFields:
    """What people say of a webhook."""

    name: str
    url: str
    format: str = Webhook.Format.JSON
    severity: str = Severity.WARN
    is_active: bool = True


@transaction.atomic
def add_webhook(*, project: Project, user: User, fields: WebhookFields) -> Webhook:
    """Make a webhook with a new secret, which its ``secret`` shows to be told once."""
    require(user, Action.MANAGE, project)
    check_url(fields.url)
    return _saved(Webhook(project=project, created_by=user, secret=_new_secret(), **asdict(fields)))


@transaction.atomic
def change_webhook(*, webhook: Webhook, user: User, fields: WebhookFields) -> Webhook:
    require(user, Action.MANAGE, webhook.project)
    check_url(fields.url)
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    for name, value in asdict(fields).items():
        setattr(row, name, value)
    return _saved(row)


@transaction.atomic
def delete_webhook(*, webhook: Webhook, user: User) -> None:
    """With everything that was sent to it and waits for it."""
    require(user, Action.MANAGE, webhook.project)
    webhook.delete()


@transaction.atomic
def rotate_secret(*, webhook: Webhook, user: User) -> str:
    """A new secret, at once: what is sent from now on is signed with it."""
    require(user, Action.MANAGE, webhook.project)
    secret = _new_secret()
    Webhook.objects.filter(pk=webhook.pk).update(secret=secret)
    return secret


@transaction.atomic
def send_test(*, webhook: Webhook, user: User) -> Delivery:
    """Queue a message that says that it is a test."""
    require(user, Action.MANAGE, webhook.project)
    _require_active(webhook)
    event = Event(
        kind=TEST,
        key=f"test-{secrets.token_hex(8)}",
        severity="ok",
        title=Message(gettext_noop("This is a test.")),
        text=Message(
            gettext_noop("%(person)s asked whether messages of the portal arrive. They do."),
            {"person": str(user)},
        ),
        link=f"/projects/{webhook.project.slug}/webhooks/",
    )
    return notify_webhook(project=webhook.project, event=event, webhook_id=webhook.pk)


@transaction.atomic
def replay(*, delivery: Delivery, user: User) -> Delivery:
    """Send what was sent, given up or dropped once more, as a delivery of its own."""
    if delivery.project is None:
        raise InputRejected("no_project", gettext_noop("A test of one's own mail is not sent again."))
    require(user, Action.MANAGE, delivery.project)
    if delivery.webhook is not None:
        _require_active(delivery.webhook)
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state == Delivery.State.WAITING:
        raise InputRejected(
            "still_waiting", gettext_noop("This message is still waiting; it is sent without your help.")
        )
    again = Delivery.objects.create(
        project_id=row.project_id,
        webhook_id=row.webhook_id,
        person_id=row.person_id,
        key=f"{row.event['key']}-again-{secrets.token_hex(8)}",
        event=row.event,
        replay_of=row,
    )
    hint()
    return again


def check_url(url: str) -> None:
    """Refuse what can be seen to lead nowhere good. Names are looked up when something is sent."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https") or any(c.isspace() for c in url):
        raise InputRejected(
            "bad_address",
            gettext_noop(
                "This is no address of a web service. Give one such as https://hooks.example.org/portal."
            ),
        )
    if parts.username is not None or parts.password is not None:
        raise InputRejected(
            "credentials_in_address",
            gettext_noop("Leave name and password out of the address. The signature says who sends."),
        )
    if port is not None and port not in WEB_PORTS and port < FIRST_FREE_PORT:
        raise InputRejected(
            "bad_port",
            gettext_noop("Port %(port)s is not for web services. Use 80, 443 or one from 1024."),
            port=port,
        )
    try:
        address = ip_address(host)
    except ValueError:
        return  # a name
    require_reachable(address, host)


def _saved(webhook: Webhook) -> Webhook:
    try:
        with transaction.atomic():
            webhook.save()
    except IntegrityError as error:
        raise InputRejected(
            "webhook_taken",
            gettext_noop("The project has a webhook “%(name)s” already. Choose another name."),
            name=webhook.name,
        ) from error
    webhook.refresh_from_db(fields=["host"])
    return webhook


def _require_active(webhook: Webhook) -> None:
    if not webhook.is_active:
        raise InputRejected(
            "webhook_off",
            gettext_noop("The webhook “%(name)s” is off. Switch it on first."),
            name=webhook.name,
        )


def _new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)
