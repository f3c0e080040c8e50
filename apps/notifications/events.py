"""What is to be told, apart from whom and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.compute.messages import Message
from apps.notifications.models import Severity

#: Kind of the events that people send themselves to see whether messages arrive.
TEST = "test"
#: What a receiver wants -> the severities of events that it gets.
INCLUDED = {
    Severity.BAD: frozenset({"bad"}),
    Severity.WARN: frozenset({"bad", "warn"}),
    Severity.ALL: frozenset({"bad", "warn", "ok"}),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be told. ``kind``: alert.opened, alert.worse, alert.resolved, retraining.asked or test.

    ``severity``: bad, warn or ok. ``link`` is a path of the portal. ``data`` are JSON values that go into the
    JSON of webhooks. ``key`` names the event within its project, with at most 80 characters: a receiver gets
    an event once, however often it is announced.
    """

    kind: str
    key: str
    severity: str
    title: Message
    text: Message
    link: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def is_wanted(self, severity: str) -> bool:
        """Whether a receiver with this filter gets the event."""
        return self.severity in INCLUDED[Severity(severity)]

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "key": self.key,
            "severity": self.severity,
            "title": self.title.to_json(),
            "text": self.text.to_json(),
            "link": self.link,
            "data": dict(self.data),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Event:
        sentences = {name: Message.from_json(data[name]) for name in ("title", "text")}
        return cls(**{**data, **sentences})
