"""One POST to a receiver that is not to be trusted: bounded in time, to the address that was checked."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Event, Timer
from time import monotonic
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.notifications.sending.addresses import resolve

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 10, 15
#: So many addresses of a host are tried, one after the other.
MOST_ADDRESSES = 4
GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt ended. ``problem`` is empty when the receiver took the message."""

    status: int | None = None
    milliseconds: int | None = None
    problem: Message | None = None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send ``body``; every failure is an `Answer` with a problem. Follows no redirect and uses no proxy.

    The host is resolved once, and the connection goes to an address that was checked: a second look-up
    could say something else. TLS verifies the name of the host.
    """
    begin = monotonic()
    status, problem = None, None
    try:
        status = _Exchange(url, begin + WHOLE_SECONDS).status_of(body, headers)
        problem = _refusal(status)
    except InputRejected as error:
        problem = error.message
    except ssl.SSLCertVerificationError as error:
        text = gettext_noop("The certificate of the receiver is not valid: %(why)s.")
        problem = Message(text, {"why": error.verify_message})
    except TimeoutError:
        problem = Message(gettext_noop("The receiver did not answer in time."))
    except ConnectionRefusedError:
        problem = Message(gettext_noop("Nothing takes connections at the address of the receiver."))
    except (OSError, HTTPException) as error:
        text = gettext_noop("The connection to the receiver failed (%(why)s).")
        problem = Message(text, {"why": type(error).__name__})
    except ValueError:
        problem = Message(gettext_noop("The address of the webhook cannot be used. Enter it anew."))
    return Answer(status, round((monotonic() - begin) * 1_000), problem)


def _refusal(status: int) -> Message | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Message(
            gettext_noop(
                "The receiver redirects to another address (%(status)s). Redirects are not followed: enter "
                "the address that it leads to."
            ),
            {"status": status},
        )
    if status == GONE:
        return Message(gettext_noop("The receiver wants no more messages (410). The webhook is off now."))
    return Message(gettext_noop("The receiver answered with status %(status)s."), {"status": status})


class _Exchange:
    """A request and its answer on one connection that ends at ``deadline`` whatever the receiver does."""

    def __init__(self, url: str, deadline: float) -> None:
        parts = urlsplit(url)
        self.is_secure = parts.scheme == "https"
        self.host = (parts.hostname or "").encode("idna").decode()
        self.port = parts.port or (443 if self.is_secure else 80)
        self.target = iri_to_uri(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        self.deadline = deadline
        self.is_over = Event()

    def status_of(self, body: bytes, headers: Mapping[str, str]) -> int:
        plain = self._connected()
        # Each byte that drips in would start the timeout of a socket anew, also within TLS and the headers.
        # Shutting the connection down ends all of it; a copy of the socket stays when TLS takes the first.
        with plain.dup() as copy:
            timer = Timer(max(0.0, self.deadline - monotonic()), self._end, [copy])
            timer.start()
            try:
                status = self._exchange(plain, body, headers)
            except (OSError, HTTPException):
                if not self.is_over.is_set():
                    raise
            finally:
                timer.cancel()
                timer.join()
                plain.close()
            if self.is_over.is_set():  # headers that were cut off look like an answer
                raise TimeoutError
            return status

    def _connected(self) -> socket.socket:
        error: OSError = TimeoutError()
        for family, place in resolve(self.host, self.port)[:MOST_ADDRESSES]:
            left = self.deadline - monotonic()
            if left <= 0:
                break
            plain = socket.socket(family, socket.SOCK_STREAM)
            plain.settimeout(min(CONNECT_SECONDS, left))
            try:
                plain.connect(place)
            except OSError as failure:
                plain.close()
                error = failure
            else:
                plain.settimeout(READ_SECONDS)
                return plain
        raise error

    def _exchange(self, plain: socket.socket, body: bytes, headers: Mapping[str, str]) -> int:
        connection = HTTPConnection(self.host, self.port)
        connection.default_port = 443 if self.is_secure else 80  # what the Host header leaves out
        connection.auto_open = 0  # it never connects by itself
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
            if self.is_secure
            else plain
        )
        try:
            connection.request("POST", self.target, body, {**headers, "Connection": "close"})
            return connection.getresponse().status  # the rest of the answer is not read: nobody needs it
        finally:
            connection.close()

    def _end(self, copy: socket.socket) -> None:
        self.is_over.set()
        with suppress(OSError):  # it may have ended by itself
            copy.shutdown(socket.SHUT_RDWR)
