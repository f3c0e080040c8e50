"""What a design document consists of: its sections, and the questions that each one answers.

A question is answered below a heading with its title, so that people and the count of `completeness` mean
the same. Keys are stored with the texts and never change.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.compute.messages import gettext_noop


@dataclass(frozen=True, slots=True)
class Question:
    """``title`` is the heading below which the answer stands, ``ask`` what it must say; message ids both."""

    title: str
    ask: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its key in `DocumentVersion.sections`, its title (a message id) and its questions."""

    key: str
    title: str
    questions: tuple[Question, ...]


def _section(key: str, title: str, *questions: tuple[str, str]) -> Section:
    return Section(key, title, tuple(Question(*question) for question in questions))


#: In the order of the stages of designing a system.
SECTIONS: tuple[Section, ...] = (
    _section(
        "problem",
        gettext_noop("Problem and business goal"),
        (
            gettext_noop("Who has the problem"),
            gettext_noop("Which people or processes suffer from it, and how often?"),
        ),
        (gettext_noop("Business goal"), gettext_noop("Which goal is served, and where does it stand today?")),
        (
            gettext_noop("Decision that the prediction changes"),
            gettext_noop("Who does what differently once the prediction is there?"),
        ),
        (
            gettext_noop("Why machine learning"),
            gettext_noop("What would be done without it, and what does it add to that?"),
        ),
        (gettext_noop("Out of scope"), gettext_noop("What is expressly not solved here?")),
    ),
    _section(
        "requirements",
        gettext_noop("Requirements"),
        (
            gettext_noop("Quality of predictions"),
            gettext_noop("Which metric must reach what, on which data?"),
        ),
        (
            gettext_noop("Latency and throughput"),
            gettext_noop("How fast must an answer be, and for how many at once?"),
        ),
        (
            gettext_noop("Reliability, scale, upkeep and change"),
            gettext_noop("What must hold when things break, grow, or move on?"),
        ),
        (
            gettext_noop("Conflicts between requirements"),
            gettext_noop("Whose objectives exclude each other, and what was decided?"),
        ),
    ),
    _section(
        "data",
        gettext_noop("Data"),
        (
            gettext_noop("Sources and rights"),
            gettext_noop("Where do the data come from, and may they be used?"),
        ),
        (gettext_noop("Labels"), gettext_noop("Who or what says what is true, how late, and how reliably?")),
        (
            gettext_noop("Sampling and splits"),
            gettext_noop("How were the rows chosen, and what keeps the hold-out apart?"),
        ),
        (
            gettext_noop("Quality and gaps"),
            gettext_noop("What is missing, wrong or rare, and what is done about it?"),
        ),
        (gettext_noop("Versions of the data"), gettext_noop("How is it known which data a run has seen?")),
    ),
    _section(
        "features",
        gettext_noop("Features"),
        (
            gettext_noop("Features and why"),
            gettext_noop("Which features are there, and what speaks for each?"),
        ),
        (
            gettext_noop("Missing values, scales and categories"),
            gettext_noop("How are they treated, in training and in service alike?"),
        ),
        (gettext_noop("Leakage"), gettext_noop("Is everything known at the moment of the prediction?")),
        (
            gettext_noop("Computation in service"),
            gettext_noop("Where are the features computed, and how fresh are they?"),
        ),
    ),
    _section(
        "model",
        gettext_noop("Model"),
        (gettext_noop("Baseline"), gettext_noop("What is to be beaten, and how good is it?")),
        (gettext_noop("Candidates and choice"), gettext_noop("What was tried, and why was this one taken?")),
        (gettext_noop("Training"), gettext_noop("Objective, settings, time and hardware of the training?")),
        (gettext_noop("Known limits"), gettext_noop("Where does the model fail, and why?")),
    ),
    _section(
        "evaluation",
        gettext_noop("Evaluation"),
        (gettext_noop("Metrics"), gettext_noop("Which numbers decide, and why these?")),
        (gettext_noop("Evaluation data"), gettext_noop("What stands for the world in which it will work?")),
        (gettext_noop("Slices and robustness"), gettext_noop("For whom and under what is it worse?")),
        (gettext_noop("Calibration"), gettext_noop("Do stated probabilities hold, and does it matter here?")),
        (
            gettext_noop("Tests in production"),
            gettext_noop("Shadow, canary or A/B: what proves it on live decisions?"),
        ),
    ),
    _section(
        "deployment",
        gettext_noop("Deployment"),
        (gettext_noop("Way of serving"), gettext_noop("Batch, online or on the device, and why?")),
        (gettext_noop("Interface"), gettext_noop("What is asked and answered, and who calls?")),
        (
            gettext_noop("Release and way back"),
            gettext_noop("How does a version go out, and how is it taken back?"),
        ),
        (
            gettext_noop("Size and speed"),
            gettext_noop("What was done so that it fits time, memory and cost?"),
        ),
    ),
    _section(
        "diagnosis",
        gettext_noop("Failure diagnosis"),
        (gettext_noop("Ways to fail"), gettext_noop("What can break in data, model and software?")),
        (gettext_noop("Signs"), gettext_noop("How would each of them be noticed, and by whom?")),
        (gettext_noop("Fallback"), gettext_noop("What is done while it does not work?")),
        (
            gettext_noop("Shifts of data"),
            gettext_noop("Which shifts are expected, and how are they told apart?"),
        ),
    ),
    _section(
        "monitoring",
        gettext_noop("Monitoring and continual learning"),
        (
            gettext_noop("What is watched"),
            gettext_noop("Which inputs, predictions and outcomes, with what limits?"),
        ),
        (gettext_noop("Who is told"), gettext_noop("Who gets which alarm, and what do they do?")),
        (gettext_noop("When it is trained again"), gettext_noop("By time, by amount of data, or by a sign?")),
        (
            gettext_noop("Test before replacement"),
            gettext_noop("What must a new version pass before it takes over?"),
        ),
    ),
    _section(
        "life_cycle",
        gettext_noop("Life cycle"),
        (gettext_noop("Phases and timeboxes"), gettext_noop("Which phases, how long, and what ends each?")),
        (gettext_noop("Gates and criteria"), gettext_noop("What must be shown before the next phase?")),
        (gettext_noop("People and roles"), gettext_noop("Who builds, decides, runs and answers for it?")),
        (gettext_noop("Retirement"), gettext_noop("When is it switched off, and what remains then?")),
    ),
    _section(
        "tracking",
        gettext_noop("Experiment tracking and versions"),
        (
            gettext_noop("What a run records"),
            gettext_noop("Code, data, settings, seed, results: what is kept?"),
        ),
        (gettext_noop("Repeating a run"), gettext_noop("Who could get the same numbers again, and how?")),
        (gettext_noop("Names of versions"), gettext_noop("How are models, data and code named together?")),
    ),
    _section(
        "special_models",
        gettext_noop("Special models"),
        (
            gettext_noop("Pretrained and foreign models"),
            gettext_noop("Which ones are used, under what licence, and how is a change noticed?"),
        ),
        (
            gettext_noop("Generated output"),
            gettext_noop("If text or images are generated: how is their quality judged?"),
        ),
        (gettext_noop("Cost of a call"), gettext_noop("What does one answer cost, and who limits it?")),
    ),
    _section(
        "governance",
        gettext_noop("Fairness, safety and governance"),
        (gettext_noop("Who can be harmed"), gettext_noop("Which groups, by which error, and how badly?")),
        (gettext_noop("Fairness"), gettext_noop("Which differences between groups are accepted, and why?")),
        (gettext_noop("Privacy and law"), gettext_noop("Which rules apply, and how are they kept?")),
        (
            gettext_noop("Explaining and appealing"),
            gettext_noop("What is a person told, and how can they object?"),
        ),
        (
            gettext_noop("Misuse"),
            gettext_noop("Who might deceive or steal it, and what stands against that?"),
        ),
    ),
    _section(
        "infrastructure",
        gettext_noop("Infrastructure"),
        (gettext_noop("Storage and computing"), gettext_noop("What runs where, and how much of it?")),
        (
            gettext_noop("Scheduling and pipelines"),
            gettext_noop("What starts the steps, and what repeats them?"),
        ),
        (gettext_noop("Environments"), gettext_noop("How alike are development, test and service?")),
        (gettext_noop("Build or buy"), gettext_noop("What is made, what is taken, and why?")),
    ),
    _section(
        "integration",
        gettext_noop("Integration into the business process"),
        (gettext_noop("Process before and after"), gettext_noop("Which steps change, and for whom?")),
        (gettext_noop("People in the loop"), gettext_noop("Where does a person decide, and with what help?")),
        (
            gettext_noop("Training and trust"),
            gettext_noop("What do users learn, and what would make them trust it?"),
        ),
        (gettext_noop("Proof of value"), gettext_noop("How is it shown, in money, that it was worth it?")),
    ),
)

BY_KEY = {section.key: section for section in SECTIONS}
