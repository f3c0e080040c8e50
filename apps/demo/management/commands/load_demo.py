from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import User
from apps.demo.services import load_demo
from apps.projects.models import Project


class Command(BaseCommand):
    help = "Make the demo projects from real data. The worker then evaluates their runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when there is any project.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Project.objects.exists():
            return
        owner = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if owner is None:
            raise CommandError("There is no site admin yet. Run create_first_admin first.")
        self.stdout.write(f"Demo projects made: {load_demo(user=owner)}")
