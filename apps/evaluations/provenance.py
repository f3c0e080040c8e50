"""What a run came from: its parent, its parameters and the data that its model was trained on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.projects.models import Project

MOST_PARAMETERS, NAME_CHARACTERS, VALUE_CHARACTERS = 200, 100, 1_000
Parameter = str | int | float | bool


def check_parent(project: Project, parent: Run | None) -> None:
    if parent is not None and parent.project_id != project.pk:
        raise InputRejected(
            "parent_of_other_project",
            gettext_noop(
                "Run %(number)d belongs to another project. The run that this one was made from has to be "
                "one of the same project."
            ),
            number=parent.number,
        )


def checked_parameters(given: Any) -> dict[str, Parameter]:
    """The parameters by name: at most `MOST_PARAMETERS`, each a text, a finite number or
    yes/no.

    Raises InputRejected: ``parameters_not_object``, ``too_many_parameters``, ``parameter_name``,
    ``parameter_nested``, ``parameter_value``.
    """
    if not isinstance(given, Mapping):
        raise InputRejected(
            "parameters_not_object",
            gettext_noop(
                "The parameters are no JSON object. Send names with their values, for example %(example)s."
            ),
            example='{"learning_rate": 0.1, "depth": 6}',
        )
    if len(given) > MOST_PARAMETERS:
        raise InputRejected(
            "too_many_parameters",
            gettext_noop("%(count)d parameters were given; a run keeps at most %(most)d. Leave some out."),
            count=len(given),
            most=MOST_PARAMETERS,
        )
    return {_checked_name(name): _checked_value(name, value) for name, value in given.items()}


def _checked_name(name: str) -> str:
    if not name.strip() or len(name) > NAME_CHARACTERS or not _is_storable(name):
        raise InputRejected(
            "parameter_name",
            gettext_noop(
                "The parameter name “%(name)s” is empty, too long or unreadable: 1 to %(most)d letters."
            ),
            name=_shown(name),
            most=NAME_CHARACTERS,
        )
    return name


def _checked_value(name: str, value: Any) -> Parameter:
    if isinstance(value, Mapping | list):
        raise InputRejected(
            "parameter_nested",
            gettext_noop(
                "The parameter “%(name)s” holds several values. Give each its own name, such as %(example)s."
            ),
            name=_shown(name),
            example=f"{_shown(name)}.depth",
        )
    fits = isinstance(value, bool) or (
        _is_number(value) if isinstance(value, int | float) else _is_text(value)
    )
    if not fits:
        raise InputRejected(
            "parameter_value",
            gettext_noop(
                "The value of the parameter “%(name)s” cannot be kept. Give a text of at most %(most)d "
                "letters, a finite number, or yes or no (true, false)."
            ),
            name=_shown(name),
            most=VALUE_CHARACTERS,
        )
    return value  # type: ignore[no-any-return]


def _is_number(value: int | float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= VALUE_CHARACTERS and _is_storable(value)


def _is_storable(text: str) -> bool:
    """PostgreSQL keeps neither the character 0 nor half of a surrogate pair."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def _shown(name: str) -> str:
    return "".join(letter if _is_storable(letter) else "?" for letter in name[:NAME_CHARACTERS])


def parameters_of_lines(text: str) -> dict[str, Parameter]:
    """The parameters of lines ``name = value``; numbers, true and false are read as such, the rest is text.

    Raises InputRejected: ``parameter_line``, ``parameter_twice`` and those of `checked_parameters`.
    """
    found: dict[str, Parameter] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name:
            raise InputRejected(
                "parameter_line",
                gettext_noop(
                    "Line %(line)d of the parameters is not “name = value”. Write for example: depth = 6"
                ),
                line=number,
            )
        if name in found:
            raise InputRejected(
                "parameter_twice",
                gettext_noop("The parameter “%(name)s” is there twice. Give each parameter once."),
                name=_shown(name),
            )
        found[name] = _read(value)
    return checked_parameters(found)


def lines_of_parameters(parameters: Mapping[str, Parameter]) -> str:
    """The inverse of `parameters_of_lines`, by name: the database keeps no order."""
    return "\n".join(f"{name} = {value}" for name, value in parameter_texts(parameters))


def parameter_texts(parameters: Mapping[str, Parameter]) -> list[tuple[str, str]]:
    """Names and values as people read them, by name."""
    return sorted((name, parameter_text(value)) for name, value in parameters.items())


def parameter_text(value: Parameter) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(text: str) -> Parameter:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def checked_training(project: Project, training: DataFile | None, said: str) -> tuple[DataFile | None, str]:
    """The training file and the SHA-256 of the training data; where only the hash is given and the project
    has a file of this content, that file.

    Raises InputRejected: ``training_hash``, ``training_differs``.
    """
    sha256 = said.strip().lower()
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InputRejected(
            "training_hash",
            gettext_noop(
                "“%(hash)s” is no SHA-256. Send the 64 hexadecimal digits that sha256sum prints for the "
                "training data."
            ),
            hash=_shown(said),
        )
    if training is None and sha256:
        training = DataFile.objects.filter(project=project, sha256=sha256).defer("profile").first()
    if training is not None and sha256 and training.sha256 != sha256:
        raise InputRejected(
            "training_differs",
            gettext_noop(
                "The training file “%(file)s” has another content than the given SHA-256 says. Send one of "
                "the two."
            ),
            file=training.name,
        )
    return training, "" if training is not None else sha256
