"""What is wrong now, as drafts of alerts: one for each cause. Only the newest windows decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.monitoring.check import Finding
from apps.compute.verdicts import Outcome
from apps.jobs.models import State
from apps.monitoring.judging.facts import BatchFact, Facts
from apps.monitoring.judging.judgement import Judgement
from apps.monitoring.judging.lights import METRICS_FAILED, silence, volume, worsening
from apps.monitoring.judging.standing import LiveVerdict
from apps.monitoring.judging.wellness import baseline_wins
from apps.monitoring.judging.wording import measured, metric_name, when
from apps.monitoring.models import Alert
from apps.requirements.measures import metric_of
from apps.requirements.models import RequirementVersion

Kind, Severity = Alert.Kind, Alert.Severity

#: Kinds of findings that are not about data quality.
KINDS = {"schema": Kind.SCHEMA, "empty": Kind.VOLUME, "latency": Kind.LATENCY}
LONGEST_CAUSE = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An alert to be; the fields mean what those of `Alert` mean. ``parent`` is the cause that explains this
    one. ``times`` is None where every new window that shows it counts one more.
    """

    kind: str
    cause: str
    severity: str
    title: Message
    text: Message
    first_at: datetime
    last_at: datetime
    batch_id: int | None = None
    times: int | None = None
    columns: frozenset[str] = frozenset()
    parent: str = ""


def drafts_of(judged: Judgement) -> list[Draft]:
    """Those that explain others come first. Of an archived monitor nothing is wrong any more."""
    if judged.facts.monitor.archived_at is not None:
        return []
    drafts = [
        *_silence(judged),
        *_failures(judged),
        *_findings(judged.facts),
        *_volume(judged),
        *_drift(judged),
        *_requirements(judged),
        *_baseline(judged),
        *_worse(judged),
        *_labels(judged),
    ]
    by_cause = {draft.cause: draft for draft in reversed(drafts)}  # of two the first
    explaining = [d for d in by_cause.values() if d.kind in (Kind.SILENCE, Kind.FAILURE, Kind.SCHEMA)]
    told = [replace(draft, parent=_parent(draft, explaining)) for draft in by_cause.values()]
    return sorted(told, key=lambda draft: bool(draft.parent))


def _parent(draft: Draft, explaining: Sequence[Draft]) -> str:
    """A column that is missing explains its drift; no data explains that there are no labels."""
    for other in explaining:
        if draft.kind in (Kind.QUALITY, Kind.DRIFT):
            explains = other.kind == Kind.SCHEMA and bool(draft.columns) and draft.columns <= other.columns
        elif draft.kind in (Kind.REQUIREMENT, Kind.LATENCY, Kind.BASELINE, Kind.WORSE):
            explains = other.kind == Kind.SCHEMA and draft.last_at >= other.first_at
        else:
            explains = (draft.kind, other.kind) == (Kind.LABELS, Kind.SILENCE)
        if explains:
            return other.cause
    return ""


# Data


def _silence(judged: Judgement) -> Iterator[Draft]:
    silent = judged.arrival.silent
    if silent:
        rhythm = judged.facts.rhythm
        yield Draft(
            kind=Kind.SILENCE,
            cause="silence",
            severity=Severity.BAD,
            title=silence(judged),
            text=Message(
                gettext_noop(
                    "The newest of them was due by %(day)s. See whether the system runs and sends; a batch "
                    "that comes late is taken."
                ),
                {"day": when(rhythm, silent[-1].end + judged.facts.grace)},
            ),
            first_at=silent[0].start,
            last_at=silent[-1].start,
            times=len(silent),
        )


def _failures(judged: Judgement) -> Iterator[Draft]:
    batch, upload = judged.failed, judged.facts.upload
    if batch is not None:
        yield Draft(
            kind=Kind.FAILURE,
            cause="failure",
            severity=Severity.BAD,
            title=Message(
                gettext_noop("The check of batch %(number)s failed."), {"number": str(batch.number)}
            ),
            text=_reason(batch.state, batch.error),
            first_at=batch.start,
            last_at=batch.start,
            batch_id=batch.pk,
        )
    job = judged.facts.monitor.evaluation_job
    if job is not None and job.state == State.FAILED:
        at = job.finished_at or judged.facts.clock
        yield Draft(
            kind=Kind.FAILURE,
            cause="failure:metrics",
            severity=Severity.BAD,
            title=Message(METRICS_FAILED),
            text=_reason(job.state, job.error),
            first_at=at,
            last_at=at,
        )
    if upload is not None and upload.state in (State.FAILED, State.CANCELLED):
        yield Draft(
            kind=Kind.FAILURE,
            cause="failure:labels",
            severity=Severity.BAD,
            title=Message(
                gettext_noop("Labels %(number)s could not be read."), {"number": str(upload.number)}
            ),
            text=_reason(upload.state, upload.error),
            first_at=upload.arrived_at,
            last_at=upload.arrived_at,
        )


def _reason(state: str, error: object) -> Message:
    if state == State.CANCELLED:
        return Message(gettext_noop("Somebody cancelled the job. Start it again, or send a correction."))
    if isinstance(error, dict) and "message" in error:
        return Message.from_json(error["message"])
    return Message(gettext_noop("The reason is not known. Start the job again."))


def _findings(facts: Facts) -> Iterator[Draft]:
    """What is wrong in the newest checked batch; since when, the batches before it tell."""
    batch, check = facts.newest, facts.check
    if batch is None or check is None:
        return
    recent = [(earlier, {f.cause for f in its.findings}) for earlier, its in facts.recent()]
    for finding in check.findings:
        if finding.state != "ok":
            yield _of_finding(batch, finding, _run(recent, finding.cause))


def _run(batches: Iterable[tuple[BatchFact, set[str]]], cause: str) -> list[BatchFact]:
    """The newest batches without a gap that show the cause."""
    run = []
    for batch, causes in batches:
        if cause not in causes:
            break
        run.append(batch)
    return run


def _of_finding(batch: BatchFact, finding: Finding, run: Sequence[BatchFact]) -> Draft:
    return Draft(
        kind=KINDS.get(finding.code, Kind.QUALITY),
        cause=finding.cause[:LONGEST_CAUSE],
        severity=Severity.BAD if finding.state == "bad" else Severity.WARN,
        title=finding.title,
        text=finding.text,
        first_at=run[-1].start,
        last_at=batch.start,
        batch_id=batch.pk,
        columns=frozenset({finding.column} - {""}),
    )


def _volume(judged: Judgement) -> Iterator[Draft]:
    unusual, check = judged.volume, judged.facts.check
    if unusual is None or (check is not None and any(f.code == "empty" for f in check.findings)):
        return
    yield Draft(
        kind=Kind.VOLUME,
        cause="volume",
        severity=Severity.WARN,
        title=volume(unusual),
        text=Message(
            gettext_noop("The range is that of %(windows)s comparable windows before."),
            {"windows": unusual.usual.windows},
        ),
        first_at=unusual.batch.start,
        last_at=unusual.batch.start,
        batch_id=unusual.batch.pk,
    )


def _drift(judged: Judgement) -> Iterator[Draft]:
    drifting, newest = judged.drifting, judged.facts.newest
    if not drifting or newest is None:
        return
    first = min((d.since for d in drifting), key=lambda batch: batch.start)
    rhythm = judged.facts.rhythm
    yield Draft(
        kind=Kind.DRIFT,
        cause="drift",
        severity=Severity.WARN,
        title=_drift_title(drifting[0].column, len(drifting)),
        text=Message(
            gettext_noop("Against the reference, since %(day)s: %(columns)s."),
            {
                "day": when(rhythm, first.start),
                "columns": ", ".join(d.column for d in drifting[:10]) + (" …" if len(drifting) > 10 else ""),
            },
        ),
        first_at=first.start,
        last_at=newest.start,
        batch_id=newest.pk,
        columns=frozenset(d.column for d in drifting),
    )


def _drift_title(column: str, count: int) -> Message:
    if count == 1:
        return Message(gettext_noop("“%(column)s” drifts."), {"column": column})
    if count == 2:
        return Message(gettext_noop("“%(column)s” and one more column drift."), {"column": column})
    return Message(
        gettext_noop("“%(column)s” and %(more)s more columns drift."), {"column": column, "more": count - 1}
    )


# Metrics


def _requirements(judged: Judgement) -> Iterator[Draft]:
    versions = {r.pk: r.current for r in judged.facts.requirements}
    for verdict in judged.verdicts:
        version = versions[verdict.requirement_id]
        if verdict.outcome == Outcome.REFUTED and version is not None:
            yield _of_requirement(judged, verdict, version)


def _of_requirement(judged: Judgement, verdict: LiveVerdict, version: RequirementVersion) -> Draft:
    metric = metric_of(verdict.metric)
    must = version.priority == RequirementVersion.Priority.MUST
    words = {
        "metric": metric_name(verdict.metric),
        "value": measured(verdict.metric, verdict.value, verdict.low, verdict.high),
        "limit": measured(verdict.metric, verdict.limit),
    }
    at_least = gettext_noop("“%(metric)s” is %(value)s; at least %(limit)s is wanted.")
    at_most = gettext_noop("“%(metric)s” is %(value)s; at most %(limit)s is wanted.")
    on_slice = gettext_noop("On “%(slice)s”: %(text)s")
    text = Message(at_least if verdict.at_least else at_most, words)
    if verdict.slice_value:
        text = Message(on_slice, {"slice": verdict.slice_value, "text": text})
    moment = _newest_labelled(judged.facts)
    return Draft(
        kind=Kind.LATENCY if metric is not None and "latency" in metric.needs else Kind.REQUIREMENT,
        cause=f"requirement:{verdict.requirement_id}",
        severity=Severity.BAD if must else Severity.WARN,
        title=Message(
            gettext_noop("%(code)s does not hold: %(statement)s"),
            {"code": verdict.code, "statement": version.statement},
        ),
        text=text,
        first_at=moment,
        last_at=moment,
    )


def _newest_labelled(facts: Facts) -> datetime:
    """The start of the newest of the pooled windows."""
    labelled = [batch.start for batch in facts.batches if batch.labelled]
    return labelled[-1] if labelled else facts.now


def _baseline(judged: Judgement) -> Iterator[Draft]:
    beaten = judged.beaten
    if not judged.facts.has_baseline or beaten is None or beaten.high is None or beaten.high >= 0:
        return
    moment = _newest_labelled(judged.facts)
    yield Draft(
        kind=Kind.BASELINE,
        cause="baseline",
        severity=Severity.BAD,
        title=Message(gettext_noop("The champion does not beat the baseline without ML.")),
        text=baseline_wins(beaten),
        first_at=moment,
        last_at=moment,
    )


def _worse(judged: Judgement) -> Iterator[Draft]:
    trend = judged.trend
    if trend is None or trend.since is None or trend.alarm is None:
        return
    metric = judged.facts.monitor.watch_metric
    course = trend.course
    yield Draft(
        kind=Kind.WORSE,
        cause="worse",
        severity=Severity.BAD,
        title=worsening(judged, trend),
        text=Message(
            gettext_noop("It was %(before)s before and is %(now)s since then."),
            {"before": measured(metric, course.before), "now": measured(metric, course.now)},
        ),
        first_at=trend.since.start,
        last_at=trend.batches[-1].start,
        batch_id=trend.batches[-1].pk,
    )


def _labels(judged: Judgement) -> Iterator[Draft]:
    overdue = judged.labels.overdue
    if not overdue:
        return
    facts, newest = judged.facts, overdue[-1]
    yield Draft(
        kind=Kind.LABELS,
        cause="labels",
        severity=Severity.WARN,
        title=Message(
            gettext_noop("Labels of %(count)s batches are overdue, from the window of %(day)s on."),
            {"count": len(overdue), "day": when(facts.rhythm, overdue[0].start)},
        ),
        text=Message(
            gettext_noop("Those of batch %(number)s were due on %(day)s; %(share)s of its rows have one."),
            {
                "number": str(newest.number),
                "day": when(facts.rhythm, newest.end + facts.label_delay),
                "share": Quantity(newest.coverage, "share"),
            },
        ),
        first_at=overdue[0].start,
        last_at=newest.start,
        batch_id=newest.pk,
        times=len(overdue),
    )
