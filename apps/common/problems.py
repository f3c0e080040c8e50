"""Errors of the API as problem details (RFC 9457): ``application/problem+json``."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from apps.common.translate import translate
from apps.compute.messages import InputRejected

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"

#: What an `InputRejected` means to HTTP; everything else is 422, "understood, but cannot be used".
STATUS_BY_CODE = {
    "file_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "quota_exceeded": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "upload_truncated": HTTPStatus.BAD_REQUEST,
    "empty_file": HTTPStatus.BAD_REQUEST,
    "no_file": HTTPStatus.BAD_REQUEST,
    "idempotency_key_reused": HTTPStatus.CONFLICT,
    "decided_already": HTTPStatus.CONFLICT,
    "changed_meanwhile": HTTPStatus.CONFLICT,
    "batch_exists": HTTPStatus.CONFLICT,
    "alert_over": HTTPStatus.CONFLICT,
}


def status_of(error: InputRejected) -> int:
    return STATUS_BY_CODE.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)


def problem(
    status: int, detail: str, *, instance: str = "", errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The body of a problem. ``errors`` name field, column, row, code and detail where they are known."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": _writable(detail),
    }
    if instance:
        body["instance"] = instance
    if errors:
        body["errors"] = [
            {name: _writable(part) if isinstance(part, str) else part for name, part in entry.items()}
            for entry in errors
        ]
    return body


def _writable(text: str) -> str:
    """JSON may name half a character, which UTF-8 cannot write: a sentence that repeats it shows "?"."""
    return text.encode(errors="replace").decode()


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's hook: every exception of an API view becomes a problem. What nobody expected is logged."""
    set_rollback()
    request = context.get("request")
    status, detail, errors, headers = _describe(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("API request failed: %s", getattr(request, "path", ""), exc_info=error)
    response = Response(
        problem(status, detail, instance=getattr(request, "path", ""), errors=errors),
        status=status,
        headers=headers,
    )
    response.content_type = CONTENT_TYPE
    return response


def _describe(error: Exception) -> tuple[int, str, list[dict[str, Any]], dict[str, str]]:
    if isinstance(error, InputRejected):
        return status_of(error), translate(error.message), [rejection(error)], {}
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_fields(error.get_full_details()))
        detail = " ".join(dict.fromkeys(entry["detail"] for entry in errors))
        return error.status_code, detail, errors, {}
    if isinstance(error, exceptions.APIException):
        return error.status_code, str(error.detail), [], _headers(error)
    return *_describe_foreign(error), [], {}


def _describe_foreign(error: Exception) -> tuple[int, str]:
    """What Django and the database say about a request that no check of ours had seen."""
    if isinstance(error, RequestDataTooBig):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("The body of this request is too large.")
    if isinstance(error, UnreadablePostError):
        return HTTPStatus.BAD_REQUEST, _("The request ended before all of it arrived. Send it again.")
    if isinstance(error, SuspiciousOperation | BadRequest | RecursionError):  # JSON of endless depth
        return HTTPStatus.BAD_REQUEST, _("This request cannot be read. Check how it was put together.")
    if isinstance(error, DataError):
        return HTTPStatus.BAD_REQUEST, _(
            "A value of this request cannot be used: it has a NUL or is too large."
        )
    return (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _("Something failed on our side. Nothing that was stored is lost; try again."),
    )


def rejection(error: InputRejected) -> dict[str, Any]:
    """One entry of ``errors`` for data that cannot be used."""
    entry: dict[str, Any] = {"code": error.code, "detail": translate(error.message)}
    if error.column is not None:
        entry["column"] = error.column
    if error.row is not None:
        entry["row"] = error.row
    return entry


def _fields(details: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Flatten DRF's nested errors: ``{"roles": {"y": [...]}}`` becomes the field ``roles.y``."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {
            "field": "" if path == api_settings.NON_FIELD_ERRORS_KEY else path,
            "code": str(details["code"]),
            "detail": str(details["message"]),
        }
    elif isinstance(details, dict):
        for name, value in details.items():
            yield from _fields(value, f"{path}.{name}" if path else str(name))
    else:
        for index, value in enumerate(details):
            nested = isinstance(value, dict) and set(value) != {"message", "code"}
            yield from _fields(value, f"{path}.{index}" if nested else path)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


@csrf_exempt
def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
    """For addresses below /api/ that no route has. It changes nothing, so a script's POST may come here."""
    detail = _("There is no such address in this API.")
    if not request.path.endswith("/"):
        detail = _("There is no such address in this API. Addresses end with a slash: %(address)s") % {
            "address": f"{request.path}/"
        }
    body = problem(404, detail, instance=request.path)
    return JsonResponse(body, status=404, content_type=CONTENT_TYPE)
