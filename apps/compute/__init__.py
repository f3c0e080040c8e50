"""Pure computation: tables, metrics, intervals, figures. Knows no Django and no Celery."""
