"""The table of a lecture: the same systems improved by work on the model and by work on the data."""

from apps.demo.story.records import Bet, DemoProject

_SOURCE = "Table of the lecture: data-centric and model-centric work on the same systems"
_STEEL, _SOLAR = "Steel defect detection", "Solar panels"

STORY = DemoProject(
    slug="data-or-model",
    name="Data work or model work",
    description="Two systems, improved by two teams: one changed the model, the other the data. The numbers "
    "are those of a published table, without runs.",
    domain="Inspection",
    use_case="vision",
    bets=(
        Bet(
            title="Better models on the same data",
            subject=_STEEL,
            kind="model",
            before=0.762,
            after=0.762,
            kept=False,
            source=_SOURCE,
        ),
        Bet(
            title="Better data for the same model",
            subject=_STEEL,
            kind="data",
            before=0.762,
            after=0.931,
            source=_SOURCE,
        ),
        Bet(
            title="Better models on the same data",
            subject=_SOLAR,
            kind="model",
            before=0.7568,
            after=0.7572,
            kept=False,
            source=_SOURCE,
        ),
        Bet(
            title="Better data for the same model",
            subject=_SOLAR,
            kind="data",
            before=0.7568,
            after=0.7874,
            source=_SOURCE,
        ),
    ),
)
