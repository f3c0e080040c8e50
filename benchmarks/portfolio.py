"""Server time and queries of the pages over many projects, at 10, 100 and 1,000 of them.

A scratch PostgreSQL is filled to 1,000 projects, 20,000 requirements and 100,000 runs. Times are those of
the whole request in this process: middleware, queries and templates.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.jobs.embedded.postgres import Postgres

SIZES = (10, 100, 1_000)
REQUESTS = 40
PAGES = {
    "portfolio": "/",
    "portfolio, by value": "/?sort=-value",
    "portfolio, searched": "/?q=energy&health=attention",
    "decisions": "/decisions/",
    "what changed": "/changes/?since=monday",
    "project": "/projects/question-1/",
    "requirements": "/projects/question-1/requirements/",
}


@contextmanager
def scratch_database() -> Iterator[None]:
    """Django on an empty PostgreSQL in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="mlsd-bench-") as folder:
        postgres = Postgres(Path(folder) / "postgres", {"fsync": "off", "synchronous_commit": "off"})
        program = postgres.prepare()
        process = program.start(output=subprocess.DEVNULL)
        postgres.wait_until_ready(process)
        os.environ |= {
            "DATABASE_URL": postgres.url,
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",  # no job is started
            "SECRET_KEY": secrets.token_urlsafe(48),
            "MLSD_DATA_DIR": folder,
            "MLSD_BASE_URL": "http://testserver",
            "MLSD_ALLOWED_HOSTS": "testserver",
            "DJANGO_SETTINGS_MODULE": "mlsd_portal.settings",
        }
        try:
            _set_up()
            yield
        finally:
            from django.db import connections

            connections.close_all()
            program.stop(process)


def _set_up() -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django.setup()
    call_command("migrate", verbosity=0)


def main() -> None:
    print(f"{'projects':>8}  {'page':<22} {'queries':>7} {'median':>9} {'p95':>9}")
    with scratch_database():
        from django.db import connection

        from benchmarks.crowd import fill, make_person

        person, made = make_person(), 0
        for size in SIZES:
            fill(person, made, size)
            made = size
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            for page, address in PAGES.items():
                print(f"{size:>8}  {page:<22} {_measured(person.pk, address)}", flush=True)


def _measured(person: int, address: str) -> str:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from apps.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(pk=person))
    client.get(address)  # templates are compiled, the visit is noted
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    queries = len(captured)  # now, because the next request begins to count anew
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    times = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - start) * 1_000)
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"{queries:>7} {statistics.median(times):>6.0f} ms {p95:>6.0f} ms"


if __name__ == "__main__":
    main()
