"""What a demo project consists of. Days count back from the day on which the demo is loaded.

Nothing here is a result: verdicts, advice, forecasts and money are computed by the portal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: The people of the demo, by what they do; each signs in by an invitation only.
PEOPLE = {
    "product": "Product manager",
    "science": "ML lead",
    "data": "Data engineer",
    "risk": "Risk officer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRun:
    file: str
    model: str
    version: str
    days_ago: int
    baseline: bool = False
    notes: str = ""
    grew_from: str = ""  # the model whose run is the parent
    code_revision: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    training_hash: str = ""  # SHA-256 of the file that the training rows come from


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A stakeholder in their own words."""

    name: str
    goal: str
    objective: str = ""
    baseline: str = ""
    measure: str = ""
    direction: str = ""
    influence: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Evidence that a person recorded."""

    kind: str
    title: str
    days_ago: int
    note: str = ""
    supports: bool | None = None
    positive: int | None = None
    total: int | None = None
    values: tuple[float, ...] = ()
    unit: str = ""
    limit: float | None = None
    comparison: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A requirement. ``target`` holds the fields of a measurable one, ``later`` what was changed later."""

    statement: str
    kind: str
    verification: str
    asked_by: tuple[str, ...]
    days_ago: int
    priority: str = "must"
    supports: tuple[str, ...] = ()
    opposes: tuple[str, ...] = ()
    scenario: dict[str, str] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()
    later: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    waived: str = ""  # the reason of a waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A hypothesis of the discovery; without ``settled`` it is open. Days of the timebox, from its start."""

    text: str
    added: int = 0
    settled: int | None = None
    state: str = "confirmed"
    finding: str = ""
    model: str = ""  # whose newest run shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    question: str
    state: str
    note: str = ""
    model: str = ""
    owner: str = "science"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    started: int  # days ago
    length: int
    goal: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A deliverable; days count from the start of the delivery. ``why`` is the reason of a later change."""

    name: str
    size: int = 1
    added: int = 0
    done: int | None = None
    removed: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    promised: int  # days from its start
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision. A second person joins where the portal asks for one."""

    subject: str
    outcome: str
    days_ago: int
    reason: str
    second: str = ""
    second_note: str = ""
    extend_by: int = 0  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    volume_per_year: float
    hoped_per_year: float
    hit: float = 0.0
    miss: float = 0.0
    false_alarm: float = 0.0
    error_unit: float = 0.0
    running_cost: float = 0.0
    spent: float = 0.0
    delay_per_week: float | None = None


#: Conditions on rows: column, operator of `compute.selection`, values.
Rows = tuple[tuple[str, str, tuple[str | int | float, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An expectation on the data; ``kind`` and ``params`` as `compute.expectations` has them."""

    kind: str
    columns: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    severity: str = "warn"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A version of a data set; without ``file`` the truth file of the project."""

    file: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A data set with what is said of it, and all its versions."""

    name: str
    role: str = "production"
    description: str = ""
    source: str = ""
    rights: str = ""
    labelling: str = ""
    key_columns: tuple[str, ...] = ("id",)
    time_column: str = ""
    expectations: tuple[Expected, ...] = ()
    versions: tuple[Content, ...] = (Content(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A drift report over some rows of the data set; without ``against`` with the project's reference."""

    name: str
    rows: Rows
    against: Rows = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The data of a project: one data set, its reference rows and the looks at its drift.

    ``categories`` are columns of numbers that name things; ``ignored`` are left out of the looks.
    """

    kept: Kept
    reference: Rows = ()
    reason: str = ""
    looks: tuple[Look, ...] = ()
    categories: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A model that a monitor watches; ``part`` is champion, challenger or baseline."""

    part: str
    model: str
    version: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A monitor, and the stream that is replayed into it: a batch for each window from ``first`` to ``last``.

    Days are ISO and of UTC. The reference is what came before ``before``, without the columns ``left_out``.
    Labels come ``label_delay_hours`` after their batch; those of windows that end after ``labels_until`` are
    still to come. 0: each batch brings its own.
    """

    name: str
    description: str
    task: str
    models: tuple[Watched, ...]
    before: str
    first: str
    last: str
    every: int
    unit: str
    metric: str
    smallest_drop: float
    positive: str = ""
    slices: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()  # days on which nothing is expected
    label_delay_hours: int = 0
    labels_until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to the rows of the newest run of a model, as `apps.analysis` has them."""

    kind: str
    model: str
    params: dict[str, Any] = field(default_factory=dict)
    standing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What the step to a model took that has a run with a parent."""

    model: str
    title: str
    days: float
    cost: float
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Bet:
    """A change whose gain is stated by a source, without a run."""

    title: str
    subject: str
    kind: str
    before: float
    after: float
    source: str
    metric: str = "accuracy"
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProject:
    slug: str
    name: str
    description: str
    domain: str
    use_case: str
    folder: str = ""
    truth: str = ""
    holdout: str = ""  # name of the data set that the truth file is a version of
    runs: tuple[DemoRun, ...] = ()
    baseline_kind: str = ""
    baseline_text: str = ""
    cross_slices: tuple[tuple[str, ...], ...] = ()
    voices: tuple[Voice, ...] = ()
    wishes: tuple[Wish, ...] = ()
    money: Money | None = None
    fits: tuple[Fit, ...] = ()
    discovery: Discovery | None = None
    rulings: tuple[Ruling, ...] = ()
    delivery: Delivery | None = None
    data: Data | None = None
    watches: tuple[Watch, ...] = ()
    asked: tuple[Asked, ...] = ()
    efforts: tuple[Effort, ...] = ()
    bets: tuple[Bet, ...] = ()
    prices_approved: bool = False
    not_features: tuple[str, ...] = ()  # columns of the truth that a model could not know
    next_discovery: Discovery | None = None  # a second cycle beside delivery or production
