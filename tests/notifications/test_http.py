"""One request to a receiver that means no good."""

from __future__ import annotations

import datetime
import socket
import time
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.compute.messages import InputRejected
from apps.notifications.sending import http
from apps.notifications.sending.addresses import require_reachable, resolve
from tests.notifications.receiver import Receiver, drip, hang, running, status

HEADERS = {"X-MLSD-Event": "test"}


def post(url: str) -> http.Answer:
    return http.post(url, b"{}", HEADERS)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.4)
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.6)


@pytest.mark.usefixtures("loopback")
def test_what_arrives(receiver: Receiver) -> None:
    answer = post(receiver.url("/café/a b?token=ж"))
    [got] = receiver.received
    assert (answer.status, answer.problem) == (200, None)
    assert answer.milliseconds is not None
    assert got.path == "/caf%C3%A9/a%20b?token=%D0%B6"
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["X-MLSD-Event"] == "test"
    assert got.body == b"{}"


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(("code", "is_taken"), [(200, True), (204, True), (404, False), (500, False)])
def test_status_says_whether_it_was_taken(receiver: Receiver, code: int, is_taken: bool) -> None:
    receiver.reply = status(code)
    answer = post(receiver.url())
    assert answer.status == code
    assert (answer.problem is None) == is_taken


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:{}/inside"])
def test_no_redirect_is_followed(receiver: Receiver, target: str) -> None:
    receiver.reply = status(307, Location=target.format(receiver.port))
    answer = post(receiver.url())
    assert answer.status == 307
    assert "not followed" in str(answer.problem)
    assert [got.path for got in receiver.received] == ["/hook"]


@pytest.mark.usefixtures("loopback", "impatient")
@pytest.mark.parametrize(
    "reply",
    [
        hang(3),
        drip(b"X", 0.05, 3),  # one header that never ends
        drip(b"X-Header: 1\r\n", 0.05, 3),  # headers without end
    ],
    ids=["hang", "drip of bytes", "drip of headers"],
)
def test_nobody_holds_a_worker(receiver: Receiver, reply: Any) -> None:
    receiver.reply = reply
    begin = time.monotonic()
    answer = post(receiver.url())
    assert time.monotonic() - begin < 1.5
    assert answer.status is None
    assert str(answer.problem) == "The receiver did not answer in time."


@pytest.mark.usefixtures("loopback")
def test_a_huge_answer_is_not_read(receiver: Receiver) -> None:
    """Without end and as fast as it can: what counts is the status."""
    receiver.reply = drip(b"X-Filler: " + b"x" * 100 + b"\r\n" * 2 + b"x" * 1_000_000, 0, 3)
    begin = time.monotonic()
    answer = post(receiver.url())
    assert (answer.status, answer.problem) == (200, None)
    assert time.monotonic() - begin < 1


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 huge\r\n\r\n", b""])
def test_what_is_no_http(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _peer = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(said)

        thread = Thread(target=answer_once)
        thread.start()
        answer = post(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert answer.status is None
    assert answer.problem is not None


@pytest.mark.usefixtures("loopback")
def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert str(post(f"http://127.0.0.1:{port}/").problem).startswith("Nothing takes connections")


def test_the_environment_names_no_proxy(receiver: Receiver, loopback: None, monkeypatch: Any) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(receiver.url()).status == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_the_own_network_is_refused(receiver: Receiver, host: str) -> None:
    """Nothing is allowed here, and no request leaves."""
    answer = post(receiver.url(host=host))
    assert answer.status is None
    assert "not in the public internet" in str(answer.problem)
    assert receiver.received == []


#: From IANA's registries of special-purpose addresses, and such addresses inside transition addresses.
CLOSED = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1"),  # noqa: S104
    *("192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001:db8::1", "2002:a00:1::1", "2002:7f00:1::1"),
    *("2001:0:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1"),
]
OPEN = [
    *("8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:4700::1111"),
    *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"),
]


@pytest.mark.parametrize("address", CLOSED)
def test_addresses_that_are_not_public(address: str) -> None:
    with pytest.raises(InputRejected) as rejected:
        require_reachable(ip_address(address), "hooks.example.org")
    assert rejected.value.code == "own_network"


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses(address: str) -> None:
    require_reachable(ip_address(address), "hooks.example.org")


def test_networks_are_allowed_on_purpose(settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1"):
        require_reachable(ip_address(address), "inside")
    with pytest.raises(InputRejected):
        require_reachable(ip_address("10.2.0.1"), "inside")


class Names:
    """A name server of the test: what each look-up of a name answers, in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, **kwargs: Any) -> list[Any]:
        self.asked.append(host)
        addresses = self.answers.pop(0)
        kinds = {True: socket.AF_INET, False: socket.AF_INET6}
        return [
            (
                kinds[isinstance(ip_address(address), IPv4Address)],
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]


def test_one_bad_address_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(InputRejected):
        resolve("hooks.example.org", 443)


def test_a_name_is_asked_once(receiver: Receiver, loopback: None, monkeypatch: Any) -> None:
    """A name server that answers something else the second time is not asked a second time."""
    names = Names(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    answer = post(receiver.url(host="rebinding.example.org"))
    assert answer.status == 200
    assert names.asked == ["rebinding.example.org"]
    assert receiver.received[0].headers["Host"] == f"rebinding.example.org:{receiver.port}"


def test_the_next_address_is_tried(receiver: Receiver, loopback: None, monkeypatch: Any) -> None:
    Names(monkeypatch, ["127.0.0.2", "127.0.0.1"])  # the receiver listens on the second
    assert post(receiver.url(host="hooks.example.org")).status == 200


def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = post("http://nobody.invalid/")
    assert "is not known" in str(answer.problem)
    assert "cannot be used" in str(post("http://" + "x" * 70 + ".org:99999/").problem)


def certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.usefixtures("loopback")
def test_tls_verifies_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path, "hooks.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    Names(monkeypatch, ["127.0.0.1"], ["127.0.0.1"])
    with running(file) as receiver:
        good = post(receiver.url(host="hooks.example.org", scheme="https"))
        other = post(receiver.url(host="other.example.org", scheme="https"))
    assert (good.status, good.problem) == (200, None)
    assert other.status is None
    assert "Hostname mismatch" in str(other.problem)
    assert len(receiver.received) == 1


@pytest.mark.usefixtures("loopback")
def test_tls_trusts_no_unknown_certificate(tmp_path: Path) -> None:
    with running(certificate(tmp_path, "localhost")) as receiver:
        answer = post(receiver.url(host="localhost", scheme="https"))
    assert "self-signed certificate" in str(answer.problem)
    assert receiver.received == []


@pytest.mark.usefixtures("loopback", "impatient")
def test_tls_that_drips() -> None:
    """A handshake that never ends: no single read of it waits for long."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip_records() -> None:
            connection, _peer = server.accept()
            with connection:
                try:
                    for byte in b"\x16\x03\x03\x3f\xff" + b"\x00" * 100:
                        connection.sendall(bytes([byte]))
                        time.sleep(0.05)
                except OSError:
                    pass

        thread = Thread(target=drip_records)
        thread.start()
        begin = time.monotonic()
        answer = post(f"https://127.0.0.1:{server.getsockname()[1]}/")
        took = time.monotonic() - begin
        thread.join()
    assert took < 1.5
    assert str(answer.problem) == "The receiver did not answer in time."
