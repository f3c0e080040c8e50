"""The content security policy of every answer. Design guide, section 7, says why it is so strict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}

#: Views, by route name, whose third-party page needs more, and what they need.
#: Swagger UI and Redoc write <style> elements and style attributes by script; Redoc searches in a
#: worker that it makes from a blob. Neither page shows text that users wrote, and scripts stay own files.
#: Evidently's page of a drift report is framed, in an origin of its own.
EXCEPTIONS: dict[str, dict[str, str]] = {
    "api-swagger": {"style-src": "'self' 'unsafe-inline'"},
    "api-redoc": {"style-src": "'self' 'unsafe-inline'", "worker-src": "blob:"},
    "drift:evidently": {"frame-src": "'self'"},
}


def policy_for(route: str) -> str:
    """The header's value for the view with this route name (``"namespace:name"``)."""
    return "; ".join(f"{key} {value}" for key, value in {**POLICY, **EXCEPTIONS.get(route, {})}.items())


class ContentSecurityPolicyMiddleware:
    """Sets the header on every answer that does not carry a policy of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match: Any = request.resolver_match
        response.headers.setdefault("Content-Security-Policy", policy_for(match.view_name if match else ""))
        return response
