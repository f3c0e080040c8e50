"""Sentences of `compute` in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.common import formats
from apps.compute.messages import Message


def translate(message: Message | Mapping[str, Any] | None) -> str:
    """The sentence in the current language, its numbers too; accepts a `Message` or its JSON form."""
    if message is None:
        return ""
    return formats.message(message if isinstance(message, Message) else Message.from_json(message))
