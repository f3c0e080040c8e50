"""Webhooks, deliveries and the asker's own preference over REST."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar, cast

from django.db import models
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, parsers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.notifications import services
from apps.notifications.api.serializers import (
    DeliveryFilter,
    DeliverySerializer,
    PreferenceSerializer,
    WebhookAddSerializer,
    WebhookFieldsSerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from apps.notifications.models import Delivery, Preference, Webhook
from apps.notifications.services import PreferenceFields, WebhookFields
from apps.projects.access import Action, require, where_allowed
from apps.projects.api.rows import ProjectFilter, ProjectRowsViewSet

M = TypeVar("M", bound=models.Model)


class ManagedRowsViewSet(ProjectRowsViewSet[M]):
    """Rows that only managers of their project see: an address can be as secret as a password."""

    def get_queryset(self) -> QuerySet[M]:
        rows = super().get_queryset()
        if self.action == "list":
            return rows.filter(project__in=where_allowed(self.person, Action.MANAGE))
        return rows

    def get_object(self) -> M:
        row: Any = super().get_object()
        require(self.person, Action.MANAGE, row.project)
        return cast(M, row)


@extend_schema_view(
    list=extend_schema(summary="List webhooks of the projects that you manage", parameters=[ProjectFilter]),
    retrieve=extend_schema(summary="One webhook"),
)
@extend_schema(tags=["notifications"])
class WebhookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ManagedRowsViewSet[Webhook]):
    queryset = Webhook.objects.none()
    serializer_class = WebhookSerializer

    def rows(self) -> QuerySet[Webhook]:
        return Webhook.objects.select_related("project", "created_by").order_by("name", "pk")

    @extend_schema(
        summary="Add a webhook",
        description="The answer holds the secret, which is not shown again.",
        request=WebhookAddSerializer,
        responses={201: WebhookSecretSerializer},
    )
    def create(self, request: Request) -> Response:
        sent = self.sent(WebhookAddSerializer)
        webhook = services.add_webhook(
            project=sent.pop("project"), user=self.person, fields=WebhookFields(**sent)
        )
        return Response(WebhookSecretSerializer(webhook).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a webhook", request=WebhookFieldsSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        webhook = self.get_object()
        before = {field.name: getattr(webhook, field.name) for field in fields(WebhookFields)}
        said = WebhookFields(**(before | self.sent(WebhookFieldsSerializer, partial=True)))
        changed = services.change_webhook(webhook=webhook, user=self.person, fields=said)
        return Response(WebhookSerializer(changed).data)

    @extend_schema(
        summary="Delete a webhook", description="Its deliveries are deleted too.", responses={204: None}
    )
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        services.delete_webhook(webhook=self.get_object(), user=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Make a new secret",
        description="What is sent from now on is signed with it. It is not shown again.",
        request=None,
        responses=WebhookSecretSerializer,
    )
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: str | None = None) -> Response:
        webhook = self.get_object()
        webhook.secret = services.rotate_secret(webhook=webhook, user=self.person)
        return Response(WebhookSecretSerializer(webhook).data)

    @extend_schema(summary="Send a test", request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str | None = None) -> Response:
        delivery = services.send_test(webhook=self.get_object(), user=self.person)
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(
    list=extend_schema(
        summary="List what was sent in the projects that you manage", parameters=[DeliveryFilter]
    ),
    retrieve=extend_schema(summary="One delivery"),
)
@extend_schema(tags=["notifications"])
class DeliveryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ManagedRowsViewSet[Delivery]):
    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    filters = DeliveryFilter

    def rows(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(project__isnull=False)  # a test of one's own mail is nobody else's
        return rows.select_related("project", "webhook", "person").order_by("-pk")

    @extend_schema(
        summary="Send it again",
        description="As a delivery of its own; what still waits is refused.",
        request=None,
        responses={202: DeliverySerializer},
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str | None = None) -> Response:
        again = services.replay(delivery=self.get_object(), user=self.person)
        return Response(DeliverySerializer(again).data, status=status.HTTP_202_ACCEPTED)


@extend_schema(tags=["notifications"])
class PreferenceViewSet(viewsets.GenericViewSet[Preference]):
    """Everybody decides for themselves."""

    queryset = Preference.objects.none()
    serializer_class = PreferenceSerializer
    parser_classes = [parsers.JSONParser]
    pagination_class = None

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    @extend_schema(summary="How you are told", responses=PreferenceSerializer)
    def list(self, request: Request) -> Response:
        return Response(PreferenceSerializer(Preference.of(self.person)).data)

    @extend_schema(
        summary="Say how you want to be told",
        description="What is left out stays as it is.",
        request=PreferenceSerializer,
        responses=PreferenceSerializer,
    )
    def create(self, request: Request) -> Response:
        before = Preference.of(self.person)
        sent = PreferenceSerializer(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        stands = {field.name: getattr(before, field.name) for field in fields(PreferenceFields)}
        said = PreferenceFields(**(stands | sent.validated_data))
        return Response(PreferenceSerializer(services.set_preference(user=self.person, fields=said)).data)

    @extend_schema(summary="Mail yourself a test", request=None, responses={202: DeliverySerializer})
    @action(detail=False, methods=["post"])
    def test(self, request: Request) -> Response:
        delivery = services.send_test_mail(user=self.person)
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)
