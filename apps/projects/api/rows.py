"""What viewsets of rows of a project have in common: fields that name rows, filters, and the base class."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any, NoReturn, TypeVar, cast

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, parsers, serializers, viewsets
from rest_framework.request import Request

from apps.accounts.models import User
from apps.common.translate import translate
from apps.projects.access import visible
from apps.projects.models import Project

M = TypeVar("M", bound=models.Model)
Rows = Callable[[User], models.QuerySet[Any]]

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
GREATEST_INTEGER = 2_147_483_647


class _NamesARow(serializers.Field[Any, Any, Any, Any]):
    """Becomes the row itself. One that the asker may not see is not there for them.

    ``parent``: the request is about that row, so its absence is a 404 and not a fault of the field.
    """

    lookup = "pk"
    default_error_messages = {"unknown": gettext_lazy("There is no “{value}” here that you may see.")}

    def __init__(self, rows: Rows, *, parent: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self.is_parent = parent

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if value is None:
            return None
        row = self.rows(self.context["request"].user).filter(**{self.lookup: value}).first()
        if row is None and self.is_parent:
            raise exceptions.NotFound(
                _("There is no “%(value)s” here that you may see (%(field)s).")
                % {"value": value, "field": self.field_name}
            )
        if row is None:
            self.fail("unknown", value=value)
        return row


class RowField(_NamesARow, serializers.IntegerField):
    """The id of a row."""


class UuidRowField(_NamesARow, serializers.UUIDField):
    """The id of a row whose ids are UUIDs, such as a file."""


def _visible_projects(user: User) -> models.QuerySet[Project]:
    return Project.objects.visible_to(user)


class ProjectField(_NamesARow, serializers.CharField):
    """The short name of a project."""

    lookup = "slug"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_visible_projects, **kwargs)


def _acquaintances(user: User) -> models.QuerySet[User]:
    people = User.objects.filter(is_active=True)
    if user.is_superuser:
        return people
    return people.filter(memberships__project__memberships__user=user).distinct()


class PersonField(_NamesARow, serializers.EmailField):
    """The e-mail address of somebody who shares a project with the asker."""

    lookup = "email__iexact"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_acquaintances, **kwargs)


class IsSetField(serializers.BooleanField):
    """A filter whose ``source`` ends in ``__isnull``: true finds the rows that have a value there."""

    def to_internal_value(self, data: Any) -> bool:
        return not super().to_internal_value(data)


class OneOf(serializers.ChoiceField):
    """A choice that names the others when it is none of them."""

    default_error_messages = {"invalid_choice": gettext_lazy("“{input}” is none of: {choices}.")}

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        names = ", ".join(str(name) for name in self.choices if name != "")
        super().fail(key, choices=names, **kwargs)


class NumberField(serializers.FloatField):
    """A finite number. JSON can write numbers that no computer holds, and "NaN" is none."""

    default_error_messages = {"not_finite": gettext_lazy("This number is too large or is none.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        try:
            value = super().to_internal_value(data)
        except OverflowError:
            self.fail("not_finite")
        if not math.isfinite(value):
            self.fail("not_finite")
        return value

    def to_representation(self, value: Any) -> Any:
        """JSON has no word for what is not finite."""
        return float(value) if math.isfinite(value) else None


class CountField(serializers.IntegerField):
    """A whole number that the database can hold, from ``min_value`` (0) up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": GREATEST_INTEGER, **kwargs})


class DayField(serializers.DateField):
    """A day near enough for sums with it to stay inside the calendar."""

    default_error_messages = {"far": gettext_lazy("Give a day between {first} and {last}.")}

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail("far", first=FIRST_DAY, last=LAST_DAY)
        return day


class MomentField(serializers.DateTimeField):
    """A moment near enough, as `DayField`."""

    default_error_messages = DayField.default_error_messages

    def to_internal_value(self, value: Any) -> Any:
        moment = super().to_internal_value(value)
        if not FIRST_DAY <= moment.date() <= LAST_DAY:
            self.fail("far", first=FIRST_DAY, last=LAST_DAY)
        return moment


class Asked(serializers.Serializer[Any]):
    """The query of a list. Names and values that mean nothing are refused: ignored, they would mislead.

    The ``source`` of a field is the lookup that it becomes.
    """

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        known = {*self.fields, "page", "page_size", "format"}
        if strange := sorted(set(data) - known):
            raise serializers.ValidationError(
                {
                    strange[0]: _("This list has no filter “%(name)s”. It has: %(known)s.")
                    % {"name": strange[0], "known": ", ".join(self.fields)}
                }
            )
        validated: dict[str, Any] = super().to_internal_value(data)
        return validated


class ProjectFilter(Asked):
    project = ProjectField(required=False, help_text="Short name of a project.")


class ProjectAsked(Asked):
    """The one project that the request is about."""

    project = ProjectField(parent=True, help_text="Short name of the project.")


class ProjectRowsViewSet(viewsets.GenericViewSet[M]):
    """``rows`` are all rows with what their serializer reads; ``filters`` is what a list may be asked."""

    parser_classes = [parsers.JSONParser]
    filters: type[Asked] = ProjectFilter
    request: Request

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def rows(self) -> models.QuerySet[M]:
        raise NotImplementedError

    def get_queryset(self) -> models.QuerySet[M]:
        rows = visible(self.rows(), self.person)
        return rows.filter(**self.asked(self.filters)) if self.action == "list" else rows

    def asked(self, form: type[Asked]) -> dict[str, Any]:
        """The checked query of the address."""
        return self._checked(form(data=self.request.query_params.dict(), context={"request": self.request}))

    def sent(self, form: type[serializers.Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The checked body."""
        given = form(data=self.request.data, partial=partial, context={"request": self.request})
        return self._checked(given)

    def _checked(self, given: serializers.Serializer[Any]) -> dict[str, Any]:
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)


class SentenceField(serializers.CharField):
    """A stored message in the language of the request."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return translate(value)


class ProjectSlug(serializers.SlugRelatedField[Any]):
    """The short name of a row's project, in answers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="slug", read_only=True, **kwargs)
