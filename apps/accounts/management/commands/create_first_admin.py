import json
import os
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from apps.accounts.services import create_first_admin


class Command(BaseCommand):
    help = "Make the first site admin with a generated password, once. Does nothing when there are people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="Default: MLSD_ADMIN_EMAIL, or admin@ and the portal's host.")
        parser.add_argument("--json", action="store_true", help="Print one line of JSON for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"] or os.environ.get("MLSD_ADMIN_EMAIL") or address_at(settings.BASE_URL)
        if not is_email(email):
            raise CommandError(f"{email!r} is no e-mail address. Set MLSD_ADMIN_EMAIL to one.")
        password = create_first_admin(email=email)
        if password is None:
            return
        if options["json"]:
            self.stdout.write(json.dumps({"email": email, "password": password}))
        else:
            self.stdout.write(f"Sign in as {email} with the password {password}")


def address_at(url: str) -> str:
    """admin@ and the host. A bare IP number or a name without a dot makes no address to sign in with."""
    email = f"admin@{urlsplit(url).hostname}"
    return email if is_email(email) else "admin@portal.local"


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
