"""The demo's documents keep to the sections and to what their projects have."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.demo import design
from apps.demo.story import STORIES
from apps.documents.completeness import SectionState
from apps.documents.models import ArchitectureDecision
from apps.documents.reading import read_document
from apps.documents.references import Kind, find
from apps.documents.services import newest_version
from apps.projects.models import Membership, Role
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db
TEXTS = sorted(design.TEXTS.glob("*.md"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_texts_answer_questions_and_name_what_the_story_has(path: Path) -> None:
    (story,) = (story for story in STORIES if story.slug == path.stem)
    project = make_project(name=story.slug)
    people = {"science": make_user("science"), "product": make_user("product")}
    for user in people.values():
        Membership.objects.create(project=project, user=user, role=Role.MANAGER)
    began = timezone.now() - timedelta(days=30)
    design.write_design(project=project, people=people, began=began)
    reading = read_document(project, newest_version(project))
    assert reading.count(SectionState.WRITTEN) >= 1
    for section in reading.sections:
        headings = [line[3:] for line in section.text.splitlines() if line.startswith("## ")]
        assert len(section.answered) == len(headings), f"{section.section.key}: {headings}"
    most = {
        Kind.REQUIREMENT: len(story.wishes),
        Kind.RUN: len(story.runs),
        Kind.HYPOTHESIS: len(story.discovery.questions) if story.discovery else 0,
        Kind.DELIVERABLE: len(story.delivery.items) if story.delivery else 0,
        Kind.DECISION: len(story.rulings),
        Kind.ARCHITECTURE: ArchitectureDecision.objects.filter(project=project).count(),
    }
    keys = find([path.read_text()])
    assert {key for key in keys if key.number > most[key.kind]} == set()
    assert len({key.kind for key in keys}) >= 3
