from django.apps import AppConfig


class MoneyConfig(AppConfig):
    name = "apps.money"
    label = "money"

    def ready(self) -> None:
        from apps.money import kinds, receivers  # noqa: F401  registers and connects them
