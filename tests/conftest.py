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
from django.conf import settings  # noqa: E402

# Pages that are rendered in this process need no collected files; the web server of `live_portal` does.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
django.setup()
# The workers of pytest-xdist inherit this environment, and pytest-django would read the settings in them
# before `services.start` has given each its own folder and its own keys in the broker.
del os.environ["DJANGO_SETTINGS_MODULE"]

from tests.portal import (  # noqa: E402, F401
    browser,
    browser_page,
    collected_static,
    live_portal,
    live_worker,
    no_worker,
    start_process,
    web_process,
    worker_process,
)


def pytest_unconfigure(config: pytest.Config) -> None:
    services.stop()
