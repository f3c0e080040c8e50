"""Typed readers of environment variables. A wrong value is a clear sentence at start, no later surprise."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def load_file(path: Path) -> None:
    """Read ``NAME=value`` lines into the environment; what is already set there wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, found, value = line.partition("=")
        if found and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def _read(name: str, default: T | None, convert: Callable[[str], T], expected: str) -> T:
    raw = os.environ.get(name)
    if raw is None:
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set. Set it to {expected}.")
        return default
    try:
        return convert(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {raw!r}. Set it to {expected}.") from error


def _to_bool(raw: str) -> bool:
    if raw.lower() in _TRUE:
        return True
    if raw.lower() in _FALSE:
        return False
    raise ValueError(raw)


def text(name: str, default: str | None = None) -> str:
    return _read(name, default, str, "a text")


def secret(name: str) -> str:
    """A secret has no default and is at least 32 characters long."""
    value = _read(name, None, str, "at least 32 random characters")
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters. Set it to at least 32 random ones.")
    return value


def integer(name: str, default: int | None = None) -> int:
    return _read(name, default, int, "a whole number")


def boolean(name: str, default: bool | None = None) -> bool:
    return _read(name, default, _to_bool, "1 or 0")


def words(name: str, default: list[str] | None = None) -> list[str]:
    """Values separated by commas."""
    return _read(name, default, lambda raw: [w.strip() for w in raw.split(",") if w.strip()], "a list")


def networks(name: str, default: list[IPv4Network | IPv6Network]) -> list[IPv4Network | IPv6Network]:
    """Networks separated by commas: ``10.0.0.0/8, fd00::/8``."""
    return _read(
        name,
        default,
        lambda raw: [ip_network(word.strip()) for word in raw.split(",") if word.strip()],
        "networks such as 10.0.0.0/8, separated by commas",
    )


def folder(name: str, default: Path) -> Path:
    return _read(name, default, lambda raw: Path(raw).expanduser(), "a folder").resolve()


def database(name: str) -> dict[str, Any]:
    """``postgresql://user:password@host:port/name?sslmode=require`` as Django's settings.

    A socket folder goes into the query: ``postgresql://user@/name?host=/run/postgresql``.
    """
    url = urlsplit(_read(name, None, str, "postgresql://user:password@host:5432/name"))
    if url.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(
            f"{name} starts with {url.scheme!r}. The portal runs on PostgreSQL only: postgresql://…"
        )
    options: dict[str, Any] = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", url.hostname or ""),
        "PORT": str(url.port or options.pop("port", "")),
        "OPTIONS": options,
    }
