"""What the scope of a token allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework import permissions
from rest_framework.request import Request

from apps.accounts.models import ApiToken

if TYPE_CHECKING:
    # The view module reads the settings that name this class: importing it here would be a circle.
    from rest_framework.views import APIView


class TokenScope(permissions.BasePermission):
    message = _("This API token may only read. Make one with the scope “Read and write”.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken) or request.method in permissions.SAFE_METHODS:
            return True
        return request.auth.scope == ApiToken.Scope.WRITE
