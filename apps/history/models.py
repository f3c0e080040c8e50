"""The audit trail: one row for each change of an audited table, written by PostgreSQL itself."""

from __future__ import annotations

from collections.abc import Sequence

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

#: The setting of the database session in which `actor.ActorMiddleware` says who is at work.
ACTOR_SETTING = "mlsd.actor"


class Change(models.Model):
    """An insert, update or delete, also one made outside the application.

    Nothing here is a foreign key: the trail of what was deleted stays. ``old`` and ``new`` hold the changed
    columns of an update, and the whole row of a delete or an insert. ``actor_id`` is empty for changes by
    workers and from outside.
    """

    class Operation(models.TextChoices):
        INSERT = "INSERT", _("made")
        UPDATE = "UPDATE", _("changed")
        DELETE = "DELETE", _("deleted")

    at = models.DateTimeField(db_default=Now())
    actor_id = models.BigIntegerField(null=True)
    project_id = models.BigIntegerField(null=True)
    table = models.CharField(max_length=63)
    object_id = models.CharField(max_length=40)
    operation = models.CharField(max_length=6, choices=Operation)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["project_id", "-at", "-id"], name="change_by_project"),
            models.Index(fields=["-at", "-id"], name="change_by_time"),
            models.Index(fields=["table", "object_id"], name="change_by_object"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.table} {self.object_id}"


def audited(*, project: str = "project_id", leave_out: Sequence[str] = ()) -> pgtrigger.Trigger:
    """The trigger that records every change of a model's table; put it into ``Meta.triggers``.

    ``project`` is the column with the project's id. Columns of ``leave_out`` are not recorded: counters, and
    texts that keep versions of their own.
    """
    left_out = ", ".join(f"'{name}'" for name in leave_out)
    function = f"""
        IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD) - ARRAY[{left_out}]::text[]; END IF;
        IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW) - ARRAY[{left_out}]::text[]; END IF;
        place := COALESCE(after, before);
        IF TG_OP = 'UPDATE' THEN
            SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, n.value)
                INTO before, after
                FROM jsonb_each(before) AS o JOIN jsonb_each(after) AS n USING (key)
                WHERE o.value IS DISTINCT FROM n.value;
            IF after IS NULL THEN RETURN NULL; END IF;
        END IF;
        INSERT INTO history_change (at, actor_id, project_id, "table", object_id, operation, old, new)
            VALUES (clock_timestamp(), NULLIF(current_setting('{ACTOR_SETTING}', true), '')::bigint,
                    (place->>'{project}')::bigint, TG_TABLE_NAME, place->>'id', TG_OP, before, after);
        RETURN NULL;
    """  # noqa: S608  made of constants
    return pgtrigger.Trigger(
        name="audited",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("before", "jsonb"), ("after", "jsonb"), ("place", "jsonb")],
        func=function,
    )
