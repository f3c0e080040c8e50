"""Fixtures for every test. The services start here, before Django's settings are read."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from tests.services import Services, keep_bytecode

keep_bytecode()

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

from tests.database import template_database  # noqa: E402
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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    if folder := os.environ.get("MLSD_TESTS_TEMPLATE_FOLDER"):
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template_database(Path(folder))


def pytest_collection_finish(session: pytest.Session) -> None:
    """The collected tests and the imported libraries stay to the end. Walking through them for garbage every
    few hundred objects took a fifth of the suite's time; cycles of a test are still collected.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    services.stop()
