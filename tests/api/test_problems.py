"""Every kind of fault becomes a problem (RFC 9457) with the fitting status."""

import errno
import logging

import pytest
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import UnreadablePostError
from rest_framework import exceptions
from rest_framework.test import APIClient

from apps.common.problems import CONTENT_TYPE, exception_handler
from apps.compute.messages import InputRejected
from tests.factories import make_token, make_user


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputRejected("ragged_row", "Row %(row)s has too many cells.", row=7), 422),
        (InputRejected("file_too_large", "Too large."), 413),
        (InputRejected("quota_exceeded", "No room."), 413),
        (InputRejected("disk_full", "The disk is full."), 507),
        (InputRejected("empty_file", "Empty."), 400),
        (RequestDataTooBig("body"), 413),
        (UnreadablePostError("closed"), 400),
        (SuspiciousOperation("odd"), 400),
        (BadRequest("odd"), 400),
        (exceptions.Throttled(wait=9), 429),
        (exceptions.UnsupportedMediaType("text/plain"), 415),
        (exceptions.NotAcceptable(), 406),
        (OSError(errno.EIO, "secret path"), 500),
    ],
)
def test_each_fault_has_its_status(error: Exception, status: int) -> None:
    answer = exception_handler(error, {})
    assert answer.status_code == answer.data["status"] == status
    assert answer.data["title"]
    assert answer.data["detail"]


def test_a_place_in_a_file_is_named() -> None:
    fault = InputRejected("bad_number", "“%(value)s” is no number.", column="score", row=7, value="x")
    body = exception_handler(fault, {}).data
    assert body["detail"] == "“x” is no number."
    assert body["errors"] == [
        {"code": "bad_number", "detail": "“x” is no number.", "column": "score", "row": 7}
    ]


def test_half_a_character_is_repeated_as_a_question_mark() -> None:
    body = exception_handler(InputRejected("odd", "No “%(value)s”.", value="\ud800"), {}).data
    assert body["detail"] == body["errors"][0]["detail"] == "No “?”."


def test_our_own_faults_are_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        body = exception_handler(RuntimeError("the inside"), {}).data
    assert "the inside" not in str(body)
    assert "the inside" in caplog.text


def test_a_wait_is_told_in_the_header() -> None:
    assert exception_handler(exceptions.Throttled(wait=9), {}).headers["Retry-After"] == "9"


@pytest.mark.django_db
class TestRequests:
    @pytest.fixture
    def client(self) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(make_user())}")
        return client

    @pytest.mark.parametrize("name", ["projects", "files", "runs", "jobs", "tokens"])
    @pytest.mark.parametrize(
        "query", ["project=%00", "page=x", "page=-1", "page_size=a", "purpose=%00", "state=%00", "wait=%00"]
    )
    def test_odd_queries_are_no_fault_of_ours(self, client: APIClient, name: str, query: str) -> None:
        answer = client.get(f"/api/v1/{name}/?{query}")
        assert answer.status_code in {200, 400, 404}
        assert answer["Content-Type"] in {"application/json", CONTENT_TYPE}

    @pytest.mark.parametrize(
        ("kwargs", "status"),
        [
            ({"data": "<a/>", "content_type": "application/xml"}, 415),
            ({"data": "[1]", "content_type": "application/json"}, 400),
            ({"data": '"x"', "content_type": "application/json"}, 400),
            ({"data": '{"name": "a\\u0000b"}', "content_type": "application/json"}, 400),
            ({"data": b'{"name": "\xff"}', "content_type": "application/json"}, 400),
            ({"data": b"--x\r\n", "content_type": "multipart/form-data"}, 400),
            ({"data": "[" * 200_000, "content_type": "application/json"}, 400),
            ({"data": '{"name": "' + "a" * 5_000_000 + '"}', "content_type": "application/json"}, 413),
        ],
        ids=["xml", "list", "text", "nul", "not utf-8", "no boundary", "deep", "long"],
    )
    def test_odd_bodies_are_refused(self, client: APIClient, kwargs: dict[str, str], status: int) -> None:
        answer = client.post("/api/v1/projects/", **kwargs)
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == CONTENT_TYPE

    def test_an_answer_in_another_form_is_not_to_be_had(self, client: APIClient) -> None:
        answer = client.get("/api/v1/projects/", headers={"accept": "text/html"})
        assert answer.status_code == 406
        assert answer["Content-Type"] == CONTENT_TYPE

    def test_a_session_needs_its_csrf_token(self) -> None:
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(make_user())
        assert client.get("/api/v1/projects/").status_code == 200
        answer = client.post("/api/v1/projects/", {"name": "Forged"})
        assert answer.status_code == 403
        assert "CSRF" in answer.json()["detail"]

    def test_a_token_needs_no_csrf_token(self) -> None:
        client = APIClient(enforce_csrf_checks=True)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(make_user())}")
        assert client.post("/api/v1/projects/", {"name": "Mine"}).status_code == 201
