"""The REST API over a real connection, for tests of what a network does to an upload."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from apps.accounts.models import User
from tests.factories import make_token


@dataclass(frozen=True)
class Answer:
    """What the portal said; ``body`` is its JSON."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """The code of a refusal's first reason."""
        assert self.headers["content-type"] == "application/problem+json", self
        return self.body["errors"][0]["code"]


@dataclass(frozen=True)
class Wire:
    """A script at the other end of the network. Several threads may use it."""

    host: str
    port: int
    key: str
    project: str

    def get(self, path: str, query: str = "") -> dict[str, Any]:
        answer = self._ask("GET", f"{path}/{query}")
        assert answer.status == 200, answer
        return answer.body

    def wait(self, job: str, rounds: int = 4) -> dict[str, Any]:
        """Ask the job until it has ended."""
        for _ in range(rounds):
            state = self.get(f"jobs/{job}", "?wait=25")
            if state["state"] not in ("queued", "running"):
                return state
        raise AssertionError(f"the job never ended: {state}")

    def upload(self, content: bytes, name: str, headers: dict[str, str] | None = None, **data: Any) -> Answer:
        """Send predictions to be evaluated."""
        return self.send(self.form(content, name, **data), headers)

    def send(self, form: bytes, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("POST", "runs/", form, headers)

    def form(self, content: bytes, name: str, **data: Any) -> bytes:
        """The body of an upload, with the file after the fields."""
        file = SimpleUploadedFile(name, content)
        return encode_multipart(BOUNDARY, {"project": self.project, **data, "file": file})

    def open_upload(
        self, length: int, path: str = "/api/v1/runs/", headers: dict[str, str] | None = None
    ) -> socket.socket:
        """A connection that has announced an upload of so many bytes and sent none of them."""
        connection = socket.create_connection((self.host, self.port), timeout=20)
        told = {"Host": self.host, "Content-Length": str(length), **self._headers(), **(headers or {})}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode())
        return connection

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Content-Type": MULTIPART_CONTENT}

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, f"/api/v1/{path}", body, {**self._headers(), **(headers or {})})
            return read_answer(connection.getresponse())
        finally:
            connection.close()


def read_answer(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, json.loads(response.read()))


def response_on(connection: socket.socket) -> HTTPResponse:
    """Wait for the response to what was sent on an open connection."""
    response = HTTPResponse(connection)
    response.begin()
    return response


def make_wire(address: str, user: User, project: str) -> Wire:
    parts = urlsplit(address)
    assert parts.hostname is not None
    assert parts.port is not None
    return Wire(parts.hostname, parts.port, make_token(user), project)
