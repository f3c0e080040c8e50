"""Sentences of `compute` in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from apps.compute.messages import Message


def translate(message: Message | Mapping[str, Any] | None) -> str:
    """The sentence in the current language; accepts a `Message` or its JSON form."""
    if message is None:
        return ""
    if not isinstance(message, Message):
        message = Message.from_json(message)
    text = gettext(message.text)
    return text % {name: _value(value) for name, value in message.params.items()} if message.params else text


def _value(value: Any) -> Any:
    if isinstance(value, Message):
        return translate(value)
    return number_format(value) if isinstance(value, float) else value
