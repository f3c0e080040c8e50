"""The settings of a kind of expectation: what may be given, and how text or JSON becomes a value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import polars as pl

from apps.compute.expectations.table import moment_of
from apps.compute.messages import InputRejected, Message, gettext_noop

MOST_VALUES, VALUE_CHARACTERS, PATTERN_CHARACTERS = 1_000, 200, 500
#: Greater numbers would overflow a comparison with decimal numbers.
GREATEST = 1e300
WHOLE = re.compile(r"[+-]?[0-9]{1,300}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One setting. ``label`` and ``help`` are message ids for translation.

    ``read`` makes the value that is stored of what was given, as JSON or as the text of a form, and raises
    ValueError with the message id of a sentence that says what is wanted. ``choices`` are the values that can
    be chosen, with their labels. ``is_long`` wants a field of several lines, ``is_flag`` a check box;
    ``is_dataset`` means the id of another data set.
    """

    key: str
    label: str
    read: Callable[[Any], Any]
    help: str = ""
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    is_long: bool = False
    is_flag: bool = False
    is_dataset: bool = False

    def value(self, given: Any) -> Any:
        """The value to store; None where nothing was given. InputRejected names this setting."""
        if given is None or given == "" or given == []:
            if self.required and not self.is_flag:
                self._refuse(_REQUIRED, "param_missing")
            return False if self.is_flag else None
        try:
            return self.read(given)
        except (ValueError, TypeError, OverflowError) as error:
            self._refuse(str(error.args[0]) if error.args else _WRONG, "wrong_param", given)

    def _refuse(self, text: str, code: str, given: Any = "") -> NoReturn:
        raise InputRejected(
            code,
            text,
            parameter=self.key,
            label=Message(self.label),
            given=str(given)[:60],
            known=", ".join(key for key, _label in self.choices),
        )


def number(given: Any) -> float | int:
    value = _number(given)
    if value is None:
        raise ValueError(_NUMBER)
    return value


def positive(given: Any) -> float | int:
    value = number(given)
    if value <= 0:
        raise ValueError(_POSITIVE)
    return value


def count(given: Any) -> int:
    value = _number(given)
    if value is None or value < 0 or value != int(value):
        raise ValueError(_COUNT)
    return int(value)


def share(given: Any) -> float:
    """ "2%" and 0.02 are the same."""
    value = _number(given)
    if isinstance(given, str) and given.strip().endswith("%"):
        percent = _number(given.strip()[:-1])
        value = None if percent is None else round(percent / 100, 12)
    if value is None or not 0 <= value <= 1:
        raise ValueError(_SHARE)
    return float(value)


def bound(given: Any) -> float | int | str:
    """A number, or a day or time as ISO text."""
    value = _number(given)
    if value is not None:
        return value
    try:
        moment_of(given.strip())
    except (ValueError, OverflowError, AttributeError):
        raise ValueError(_BOUND) from None
    return str(given).strip()


def values(given: Any) -> list[str | float | int | bool]:
    """A list, or text with one value a line. What is given twice is kept once."""
    found = [line.strip() for line in given.splitlines()] if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(each, str | int | float | bool) for each in found):
        raise ValueError(_VALUES)
    found = [_value(each) for each in found if each != ""]
    if not found or len(found) > MOST_VALUES or any(len(str(each)) > VALUE_CHARACTERS for each in found):
        raise ValueError(_VALUES)
    return list({(type(each), each): each for each in found}.values())  # True and 1 are two values


def _value(given: str | float | bool) -> str | float | int | bool:
    if isinstance(given, str):
        return plain(given)
    return given if isinstance(given, bool) else number(given)


def pattern(given: Any) -> str:
    if not isinstance(given, str) or len(given) > PATTERN_CHARACTERS:
        raise ValueError(_PATTERN_LENGTH)
    for tried in (plain(given), whole(given)):  # "a)|(b" would be read differently inside of a group
        if reason := fault_of(tried):
            raise ValueError(_PATTERN_TOO_LARGE if "size limit" in reason else _PATTERN)
    return given


def whole(given: str) -> str:
    """The pattern for all of a text instead of a part of it."""
    return rf"\A(?:{given})\z"


def fault_of(given: str) -> str:
    """Why the regular expression cannot be used; "" if it can."""
    try:
        pl.Series([""]).str.contains(given)
    except pl.exceptions.PolarsError as error:
        return str(error)
    return ""


def flag(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    found = {"true": True, "on": True, "false": False}.get(str(given).lower())
    if found is None:
        raise ValueError(_FLAG)
    return found


def one_of(choices: tuple[tuple[str, str], ...]) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        if not any(given == key for key, _label in choices):
            raise ValueError(_CHOICE)
        return str(given)

    return read


def plain(text: str) -> str:
    """Text that the database and Polars can hold: no NUL, no half characters. ValueError."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(_NOT_TEXT) from None
    if "\0" in text:
        raise ValueError(_NOT_TEXT)
    return text


def _number(given: Any) -> float | int | None:
    """A finite number of JSON or of a form; None if it is none."""
    if isinstance(given, bool) or not isinstance(given, str | int | float) or len(str(given)) > 320:
        return None
    try:
        value = float(given)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(value) or abs(value) > GREATEST:
        return None
    return int(given) if isinstance(given, int) or WHOLE.fullmatch(str(given).strip()) else value


_REQUIRED = gettext_noop("“%(label)s” is missing. Give it a value.")
_WRONG = gettext_noop("“%(label)s” cannot be “%(given)s”.")
_NUMBER = gettext_noop("“%(label)s” must be a number, such as 12.5, not “%(given)s”.")
_POSITIVE = gettext_noop("“%(label)s” must be a number above 0, such as 24, not “%(given)s”.")
_COUNT = gettext_noop("“%(label)s” must be a whole number from 0 up, such as 1000, not “%(given)s”.")
_SHARE = gettext_noop(
    "“%(label)s” must be a share between 0 and 1, or between 0%% and 100%%, not “%(given)s”."
)
_BOUND = gettext_noop(
    "“%(label)s” must be a number, such as 12.5, or a time, such as 2024-01-31, not “%(given)s”."
)
_VALUES = gettext_noop(
    "“%(label)s” takes 1 to 1,000 texts, numbers, or yes and no, each with at most 200 characters."
)
_PATTERN = gettext_noop(
    "“%(given)s” is no regular expression that can be used here: look for an open bracket; look-around and "
    "back-references do not exist."
)
_PATTERN_LENGTH = gettext_noop("“%(label)s” takes a text with at most 500 characters.")
_PATTERN_TOO_LARGE = gettext_noop("“%(given)s” repeats too much to be run. Use smaller repetitions.")
_FLAG = gettext_noop("“%(label)s” must be true or false, not “%(given)s”.")
_CHOICE = gettext_noop("“%(label)s” cannot be “%(given)s”. Choose one of: %(known)s.")
_NOT_TEXT = gettext_noop("“%(label)s” holds a character that cannot be stored. Type it again.")
