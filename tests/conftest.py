"""Fixtures for every test. The services start here, before Django's settings are read."""

from __future__ import annotations

import os

import pytest

from tests.services import Services

# Here and not in a hook: the conftest files and tests below this one import models.
services = Services()
services.start()
os.environ["DJANGO_SETTINGS_MODULE"] = "mlsd_portal.settings"

import django  # noqa: E402

django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    services.stop()
