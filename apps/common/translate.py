"""Sentences of `compute` in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from apps.compute.messages import Message


def translate(message: Message | Mapping[str, Any] | None) -> str:
    """The sentence in the current language; accepts a `Message` or its JSON form."""
    if message is None:
        return ""
    if not isinstance(message, Message):
        message = Message.from_json(message)
    text = gettext(message.text)
    return text % message.params if message.params else text
