"""A discovery that was stopped: people found the errors with less effort than a model would have cost."""

from apps.demo.story.records import (
    Asked,
    Content,
    Data,
    DemoProject,
    DemoRun,
    Discovery,
    Expected,
    Fit,
    Kept,
    Question,
    Ruling,
    Voice,
    Wish,
)

STORY = DemoProject(
    slug="image-labels",
    name="Image label audit",
    description="Ten classes, 10,000 images, and labels that people found to be wrong (Apache-2.0).",
    domain="Catalogue",
    use_case="vision",
    folder="cifar10_label_errors",
    truth="truth.csv.gz",
    holdout="10,000 images",
    runs=(
        DemoRun(
            file="pred_cleanlab_cnn.parquet",
            model="convolutional network",
            version="cross-validated",
            days_ago=96,
        ),
    ),
    voices=(
        Voice(
            name="Catalogue team",
            goal="No picture under a wrong heading.",
            baseline="A person looks at each hundredth picture.",
            influence=2,
        ),
    ),
    wishes=(
        Wish(
            statement="The network agrees with the labels in nearly all pictures.",
            kind="quality",
            verification="Accuracy on the given labels.",
            asked_by=("Catalogue team",),
            days_ago=110,
            target={"metric": "accuracy", "comparison": "at_least", "limit": 0.95},
        ),
    ),
    fits=(
        Fit(question="patterns", state="tested", model="convolutional network"),
        Fit(
            question="person_cheaper", state="tested", note="Two people check 275 doubtful pictures in a day."
        ),
    ),
    data=Data(
        kept=Kept(
            name="Labels after the check",
            role="reference",
            description="The label of each picture, before and after people looked at the doubtful ones.",
            source="CIFAR-10 test set; human check by cleanlab",
            rights="Apache-2.0",
            labelling="Given labels; 275 of them checked by five people each",
            expectations=(
                Expected(kind="unique", columns=("id",), severity="block"),
                Expected(
                    kind="row_count",
                    params={"min": 9_900, "max": 10_000},
                    note="Only pictures that nobody can tell are dropped.",
                ),
            ),
            versions=(
                Content(file="labels_given.csv.gz", note="As published."),
                Content(
                    file="labels_corrected.csv.gz", note="Corrected after the check; unclear ones dropped."
                ),
            ),
        ),
    ),
    discovery=Discovery(
        started=112,
        length=28,
        goal="Are wrong labels frequent enough to need a model in the catalogue?",
        questions=(
            Question(
                text="One label in a hundred is wrong.", settled=16, state="refuted", finding="54 of 10,000."
            ),
            Question(
                text="A network finds the wrong ones.",
                settled=24,
                finding="They are among its surest errors.",
                model="convolutional network",
            ),
        ),
    ),
    rulings=(
        Ruling(
            subject="timebox",
            outcome="stop",
            days_ago=83,
            reason="Wrong labels are rare, and two people checked all doubtful ones in a day.",
            second="risk",
            second_note="Agreed.",
        ),
    ),
    not_features=(
        "guessed_label",
        "votes_given",
        "votes_guessed",
        "votes_neither",
        "votes_both",
        "checked_by_humans",
        "is_label_error",
        "y_corrected",
        "drop_after_check",
    ),
    asked=(Asked(kind="faults", model="convolutional network"),),
)
