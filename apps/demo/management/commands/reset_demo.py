from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.demo.services import reset_demo


class Command(BaseCommand):
    help = "Remove the demo projects with all that was done in them, and make them anew."

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if owner is None:
            raise CommandError("There is no site admin yet. Run create_first_admin first.")
        self.stdout.write(f"Demo projects made anew: {reset_demo(user=owner)}")
