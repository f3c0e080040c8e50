from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "apps.analysis"
    label = "analysis"

    def ready(self) -> None:
        from apps.analysis import kinds, receivers  # noqa: F401  registers and connects them
