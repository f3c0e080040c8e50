"""What the scope of a token allows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import permissions
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.models import ApiToken


class TokenScope(permissions.BasePermission):
    message = _("This API token may only read. Make one with the scope “Read and write”.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken) or request.method in permissions.SAFE_METHODS:
            return True
        return request.auth.scope == ApiToken.Scope.WRITE
