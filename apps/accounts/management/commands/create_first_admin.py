import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts.services import create_first_admin


class Command(BaseCommand):
    help = "Make the first site admin with a generated password, once. Does nothing when there are people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default=os.environ.get("MLSD_ADMIN_EMAIL", "admin@portal.local"))
        parser.add_argument("--json", action="store_true", help="Print one line of JSON for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        password = create_first_admin(email=options["email"])
        if password is None:
            return
        if options["json"]:
            self.stdout.write(json.dumps({"email": options["email"], "password": password}))
        else:
            self.stdout.write(f"Sign in as {options['email']} with the password {password}")
