"""Bring the database, the static files and the first sign-in up to this version of the code."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from apps.jobs.embedded.process import write_private


class Command(BaseCommand):
    help = "Migrate, collect static files when they changed, create the first sign-in. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo when there is no project")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collect_changed", stdout=self.stdout)
        self.create_first_sign_in()
        if demo:
            call_command("load_demo", if_empty=True)

    def create_first_sign_in(self) -> None:
        """The password is told once, so it is also kept in a file for the owner of the data folder alone."""
        told = StringIO()
        call_command("create_first_admin", stdout=told)
        if told.getvalue():
            write_private(settings.DATA_DIR / "first-sign-in.txt", told.getvalue())
