"""In production since long; its calibration is watched and does not hold in every season."""

from apps.demo.story.records import (
    Delivery,
    DemoProject,
    DemoRun,
    Discovery,
    Fit,
    Item,
    Question,
    Ruling,
    Voice,
    Watch,
    Watched,
    Wish,
)

STORY = DemoProject(
    slug="nba-forecasts",
    name="NBA game forecasts",
    description="Published probabilities of a home win, 8,886 games (FiveThirtyEight, CC BY 4.0).",
    domain="Sports media",
    use_case="customer_experience",
    folder="nba_538",
    truth="truth.csv.gz",
    holdout="Seven seasons",
    baseline_kind="rule",
    baseline_text="The home team wins.",
    runs=(
        DemoRun(
            file="pred_rule_home.csv.gz", model="the home team wins", version="1", days_ago=330, baseline=True
        ),
        DemoRun(
            file="pred_fivethirtyeight.csv.gz", model="Elo forecasts", version="2015 to 2022", days_ago=21
        ),
    ),
    voices=(
        Voice(
            name="Sports desk",
            goal="Readers come back for the forecasts.",
            baseline="Without a forecast, readers follow the home team.",
            measure="Games called rightly",
            direction="up",
            influence=3,
        ),
        Voice(name="Readers' editor", goal="Seven in ten means seven in ten.", direction="down", influence=3),
    ),
    wishes=(
        Wish(
            statement="Forecasts call games better than home advantage does.",
            kind="quality",
            verification="Accuracy over all games.",
            asked_by=("Sports desk",),
            days_ago=335,
            target={"metric": "accuracy", "comparison": "at_least", "limit": 0.63},
        ),
        Wish(
            statement="Probabilities are better than the odds of a coin that knows the home advantage.",
            kind="quality",
            verification="Brier skill over all games.",
            asked_by=("Readers' editor",),
            supports=("Sports desk",),
            days_ago=335,
            target={"metric": "brier_skill", "comparison": "at_least", "limit": 0.1},
        ),
        Wish(
            statement="Seven in ten means seven in ten.",
            kind="quality",
            verification="Expected calibration error over ten equal bins.",
            asked_by=("Readers' editor",),
            days_ago=320,
            priority="should",
            target={"metric": "ece", "comparison": "at_most", "limit": 0.03},
        ),
        Wish(
            statement="No season is called worse than the others.",
            kind="reliability",
            verification="Accuracy in each season.",
            asked_by=("Sports desk",),
            days_ago=320,
            priority="should",
            target={
                "metric": "accuracy",
                "comparison": "at_least",
                "limit": 0.62,
                "slice_column": "season",
                "every_slice": True,
            },
        ),
        Wish(
            statement="The numbers on the page are not older than a month.",
            kind="maintainability",
            verification="ROC AUC of the newest games, measured again each month.",
            asked_by=("Readers' editor",),
            days_ago=300,
            priority="could",
            target={"metric": "roc_auc", "comparison": "at_least", "limit": 0.7, "max_age_days": 14},
        ),
    ),
    fits=(
        Fit(question="patterns", state="tested", note="Strong teams stay strong.", model="Elo forecasts"),
        Fit(question="complex", state="tested", note="Ratings beat the rule.", model="Elo forecasts"),
        Fit(question="data", state="tested", note="8,886 games.", owner="data"),
        Fit(question="predictable", state="tested", model="Elo forecasts"),
        Fit(question="new_data", state="tested", note="A thousand games a season.", owner="data"),
        Fit(question="repetitive", state="tested", note="A thousand games a season."),
        Fit(question="cheap_errors", state="tested", note="A wrong forecast costs a comment."),
        Fit(question="large_scale", state="refuted", note="A few games a day."),
        Fit(question="changing", state="tested", note="Players move, teams change."),
        Fit(question="unethical", state="refuted", note="No betting advice is given.", owner="risk"),
        Fit(
            question="simple_rule", state="refuted", note="Home advantage alone is right in 57 of 100 games."
        ),
        Fit(question="no_data", state="refuted", note="8,886 games.", owner="data"),
        Fit(question="costly_errors", state="refuted", note="Nobody is harmed."),
        Fit(question="must_explain", state="refuted", note="A picture is enough."),
        Fit(question="person_cheaper", state="refuted", note="No expert calls every game."),
    ),
    discovery=Discovery(
        started=335,
        length=42,
        goal="Do forecasts say more than home advantage?",
        questions=(
            Question(
                text="The home team wins more often.",
                settled=3,
                finding="57 in 100.",
                model="the home team wins",
            ),
            Question(text="Ratings add to that.", settled=20, finding="66 in 100.", model="Elo forecasts"),
            Question(text="Readers understand probabilities.", settled=39, finding="With a picture they do."),
        ),
    ),
    rulings=(
        Ruling(
            subject="delivery",
            outcome="go",
            days_ago=290,
            reason="No money is earned with it directly; the desk wants it for its readers.",
            second="risk",
            second_note="Agreed: the cost is small.",
        ),
        Ruling(
            subject="production",
            outcome="go",
            days_ago=228,
            reason="The page is built and the season begins.",
            second="risk",
            second_note="Agreed, the calibration is looked at after each season.",
        ),
    ),
    delivery=Delivery(
        promised=63,
        items=(
            Item(name="Ratings after each game", size=4, done=13),
            Item(name="Probability for each game", size=3, done=27),
            Item(name="Page with all games", size=5, done=48),
            Item(
                name="Picture of a probability",
                size=2,
                added=21,
                done=60,
                why="Readers did not understand numbers.",
            ),
        ),
    ),
    watches=(
        Watch(
            name="Season of 2021 to 2022",
            description="Forecasts a week at a time; the results of the last weeks are still to come.",
            task="binary",
            positive="1",
            models=(
                Watched(
                    part="champion",
                    model="Elo forecasts",
                    version="2015 to 2022",
                    file="pred_fivethirtyeight.csv.gz",
                ),
                Watched(
                    part="baseline", model="the home team wins", version="1", file="pred_rule_home.csv.gz"
                ),
            ),
            before="2021-10-19",
            first="2021-10-19",
            last="2022-04-12",
            every=7,
            unit="days",
            metric="accuracy",
            smallest_drop=0.05,
            left_out=("season", "team1", "team2"),
            label_delay_hours=24 * 30,
            labels_until="2022-03-08",
        ),
    ),
)
