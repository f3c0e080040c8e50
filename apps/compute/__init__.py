"""Pure computation: tables, metrics, intervals, figures. Knows no Django and no Celery."""

#: Raised when the same file and settings would give other numbers. Kept with every result.
EVALUATION_VERSION = "1.0"
