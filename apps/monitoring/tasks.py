"""Celery entries of this app."""

from celery import shared_task

from apps.jobs import execution
from apps.monitoring import checking, evaluating, matching, retention
from apps.monitoring.judging import judge, watching


@shared_task(name="apps.monitoring.tasks.check")
def check(job_id: str) -> None:
    execution.execute(job_id, checking.run_check)


@shared_task(name="apps.monitoring.tasks.match")
def match(job_id: str) -> None:
    execution.execute(job_id, matching.run_match)


@shared_task(name="apps.monitoring.tasks.evaluate")
def evaluate(job_id: str) -> None:
    execution.execute(job_id, evaluating.run_evaluation)


@shared_task(name="apps.monitoring.tasks.judge")
def judge_monitor(monitor_id: int) -> None:
    judge.judge(monitor_id)


@shared_task(name="apps.monitoring.tasks.watch")
def watch() -> None:
    watching.watch()


@shared_task(name="apps.monitoring.tasks.remove_old")
def remove_old() -> None:
    retention.remove_old()
