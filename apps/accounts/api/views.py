"""Tokens over REST. Each person sees and revokes their own."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import services
from apps.accounts.api.serializers import (
    ApiTokenCreatedSerializer,
    ApiTokenCreateSerializer,
    ApiTokenSerializer,
)
from apps.accounts.models import ApiToken, User


@extend_schema_view(
    list=extend_schema(summary="List your API tokens"), destroy=extend_schema(summary="Revoke a token")
)
@extend_schema(tags=["tokens"])
class ApiTokenViewSet(mixins.ListModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[ApiToken]):
    """A token that may only read cannot make tokens; one that writes can, with any scope."""

    queryset = ApiToken.objects.none()
    serializer_class = ApiTokenSerializer

    def get_queryset(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(user=cast(User, self.request.user))

    @extend_schema(
        summary="Make a token", request=ApiTokenCreateSerializer, responses={201: ApiTokenCreatedSerializer}
    )
    def create(self, request: Request) -> Response:
        given = ApiTokenCreateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data: dict[str, Any] = given.validated_data
        token, key = services.create_token(user=cast(User, request.user), **data)
        body = {**ApiTokenSerializer(token).data, "key": key}
        return Response(body, status=status.HTTP_201_CREATED)

    def perform_destroy(self, instance: ApiToken) -> None:
        services.revoke_token(token=instance)
