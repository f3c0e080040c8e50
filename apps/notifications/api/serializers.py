"""Webhooks, deliveries and preferences over REST: what is sent and answered."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from apps.accounts.models import User
from apps.notifications.models import Delivery, Preference, Severity, Webhook
from apps.projects.api.rows import OneOf, ProjectField, ProjectFilter, ProjectSlug, RowField, SentenceField


def _webhooks(user: User) -> Any:
    return Webhook.objects.visible_to(user)


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    project = ProjectSlug()
    created_by = serializers.StringRelatedField[Any]()

    class Meta:
        model = Webhook
        fields = [
            *("id", "project", "name", "url", "format", "severity", "is_active", "created_by", "created_at"),
        ]
        read_only_fields = fields


class WebhookSecretSerializer(WebhookSerializer):
    secret = serializers.CharField(read_only=True, help_text="Of the signature. Shown only in this answer.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class WebhookFieldsSerializer(serializers.Serializer[Any]):
    """What people say of a webhook. Left out on a change: as it was."""

    name = serializers.CharField(max_length=120)
    url = serializers.CharField(
        max_length=500, help_text="Where messages are posted to: http:// or https://."
    )
    format = OneOf(choices=Webhook.Format.choices, default=Webhook.Format.JSON)
    severity = OneOf(choices=Severity.choices, default=Severity.WARN)
    is_active = serializers.BooleanField(default=True)


class WebhookAddSerializer(WebhookFieldsSerializer):
    project = ProjectField(parent=True, help_text="Short name of the project.")


class DeliveryFilter(ProjectFilter):
    state = OneOf(choices=Delivery.State.choices, required=False)
    webhook = RowField(_webhooks, required=False, help_text="Id of a webhook.")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    project = ProjectSlug()
    event = serializers.CharField(source="event.kind", read_only=True)
    title = SentenceField(source="event.title")
    person = serializers.StringRelatedField[Any]()
    problem = SentenceField(help_text="Why the newest attempt failed, or why nothing was sent.")

    class Meta:
        model = Delivery
        fields = [
            *("id", "project", "webhook", "person", "event", "title", "state", "attempts", "status"),
            *("problem", "milliseconds", "replay_of", "due_at", "created_at", "sent_at"),
        ]
        read_only_fields = fields


@extend_schema_serializer(many=False)
class PreferenceSerializer(serializers.ModelSerializer[Preference]):
    """How the asker wants to be told."""

    mail = OneOf(choices=Preference.Mail.choices)
    severity = OneOf(choices=Severity.choices)
    zone = serializers.CharField(max_length=64, help_text="Name of a time zone, such as Europe/Berlin.")

    class Meta:
        model = Preference
        validators: ClassVar[list[Any]] = []  # the service says what belongs together
        fields = ["mail", "severity", "zone", "quiet_from", "quiet_until", "digest_at", "language"]
