"""Connections that break in the middle of an upload leave nothing behind, and the portal goes on."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest
from django.conf import settings

from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from tests.faults.stack import wait_for
from tests.flows.bad_files import HEADER, csv, rows
from tests.flows.client import Script
from tests.flows.wire import Wire, make_wire, read_answer, response_on

#: Enough for the web server to have written some of it before the rest is missing.
CONTENT = csv(HEADER, *rows(150_000))()


@pytest.fixture
def wire(live_portal: str, script: Script) -> Wire:
    return make_wire(live_portal, script.user, script.project)


def incoming() -> list[Path]:
    return list((settings.STORAGE_DIR / "incoming").glob("*"))


def assert_nothing_was_kept(wire: Wire) -> None:
    wait_for(lambda: not incoming(), seconds=10, what="the half upload to be deleted")
    assert not DataFile.objects.exists()
    assert not Run.objects.exists()
    assert wire.upload(csv(HEADER, *rows())(), "whole.csv").status == 202
    assert Run.objects.get().file.name == "whole.csv"


def send_half(wire: Wire) -> socket.socket:
    """An open connection, half an upload into it, with a part of that in the storage."""
    body = wire.form(CONTENT, "half.csv")
    connection = wire.open_upload(len(body))
    connection.sendall(body[: len(body) // 2])
    wait_for(incoming, seconds=10, what="the upload to begin")
    return connection


@pytest.mark.parametrize("missing", ["all", "file", "half", "end"])
def test_a_body_that_ends_early_is_named_as_such(wire: Wire, missing: str) -> None:
    body = wire.form(CONTENT, "half.csv")
    sent = {"all": 0, "file": body.index(HEADER.encode()), "half": len(body) // 2, "end": len(body) - 4}
    with wire.open_upload(len(body)) as connection:
        connection.sendall(body[: sent[missing]])
        connection.shutdown(socket.SHUT_WR)
        answer = read_answer(response_on(connection))
    assert (answer.status, answer.code) == (400, "upload_truncated")
    assert f"{sent[missing]} of {len(body)} bytes" in answer.body["detail"]
    assert_nothing_was_kept(wire)


def test_a_connection_closed_in_the_middle(wire: Wire) -> None:
    send_half(wire).close()
    assert_nothing_was_kept(wire)


def test_a_connection_reset_in_the_middle(wire: Wire) -> None:
    connection = send_half(wire)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert_nothing_was_kept(wire)


def test_slow_uploads_hold_up_nobody(wire: Wire) -> None:
    """While some wait for their other half, somebody else uploads."""
    slow = [send_half(wire) for _ in range(4)]
    assert wire.upload(csv(HEADER, *rows())(), "quick.csv").status == 202
    for connection in slow:
        connection.close()
    wait_for(lambda: not incoming(), seconds=10, what="the half uploads to be deleted")
    assert Run.objects.get().file.name == "quick.csv"


def test_the_page_says_it_too(wire: Wire, script: Script) -> None:
    """A browser that is gone reads nothing, but the portal must not take it for its own failure."""
    script.api.force_login(script.user)
    session, secret = script.api.cookies["sessionid"].value, "s" * 32
    headers = {"Cookie": f"sessionid={session}; csrftoken={secret}", "X-CSRFToken": secret}
    body = wire.form(CONTENT, "half.csv")
    path = f"/projects/{script.project}/runs/upload/"
    with wire.open_upload(len(body), path, headers) as connection:
        connection.sendall(body[:1_000_000])
        connection.shutdown(socket.SHUT_WR)
        response = response_on(connection)
        page = response.read().decode()
    assert response.status == 400
    assert f"The upload ended after 1000000 of {len(body)} bytes" in page
    assert_nothing_was_kept(wire)
