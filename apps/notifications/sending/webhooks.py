"""What a webhook is sent: signed JSON, or text as Slack takes it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

from django.conf import settings
from django.utils import translation

from apps.common.translate import translate
from apps.notifications.events import Event
from apps.notifications.models import Delivery, Webhook
from apps.notifications.sending.http import Answer, post


def send(delivery: Delivery, webhook: Webhook, project: str, now: datetime) -> Answer:
    """Post the event of ``delivery``; ``project`` is the short name. Runs outside the database."""
    event = Event.from_json(delivery.event)
    body = body_of(event, webhook.format, project, now)
    return post(webhook.url, body, headers_of(event, delivery.pk, webhook.secret, body, now))


def body_of(event: Event, format: str, project: str, now: datetime) -> bytes:
    """In the language that the portal is written in: receivers are programs and whole teams."""
    with translation.override(settings.LANGUAGE_CODE):
        title, text = translate(event.title), translate(event.text)
    link = settings.BASE_URL + event.link
    if format == Webhook.Format.SLACK:
        return _json({"text": slack_text(project, title, text, link)})
    return _json(
        {
            "event": event.kind,
            "id": event.key,
            "project": project,
            "severity": event.severity,
            "title": title,
            "text": text,
            "link": link,
            "data": event.data,
            "sent_at": now.isoformat(),
        }
    )


def slack_text(project: str, title: str, text: str, link: str) -> str:
    """Slack's mrkdwn: three characters are escaped, so that no text becomes a link or calls a channel."""
    return f"*{_escaped(project)}: {_escaped(title)}*\n{_escaped(text)}\n<{_escaped(link)}>"


def headers_of(event: Event, delivery: int, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The time is signed too: a receiver can refuse what is old. It can drop a delivery that it knows."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "MLSD-Portal",
        "X-MLSD-Event": event.kind,
        "X-MLSD-Delivery": str(delivery),
        "X-MLSD-Timestamp": timestamp,
        "X-MLSD-Signature": signature_of(secret, timestamp, body),
    }


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """ "sha256=" and the hex HMAC-SHA256 (RFC 2104) of the timestamp, a dot and the body."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
