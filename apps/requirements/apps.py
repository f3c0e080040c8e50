from django.apps import AppConfig


class RequirementsConfig(AppConfig):
    name = "apps.requirements"
    label = "requirements"

    def ready(self) -> None:
        from apps.requirements import receivers  # noqa: F401  connects them
