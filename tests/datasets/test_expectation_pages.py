"""Pages and API of what is expected, as people and scripts meet them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from apps.compute.expectations import KINDS
from apps.datasets.models import Dataset, DatasetVersion, Expectation
from apps.datasets.services import add_expectation, recheck
from apps.projects.models import Project, Role
from tests.datasets.conftest import AddVersion
from tests.datasets.test_expectations import expect, run_check
from tests.factories import make_member, make_token

pytestmark = pytest.mark.django_db
MARKUP = "<script>alert(1)</script>"


def address(name: str, dataset: Dataset, *parts: Any) -> str:
    return reverse(f"datasets:{name}", args=[dataset.project.slug, dataset.pk, *parts])


def text(client: Client, place: str, status: int = 200) -> str:
    answer = client.get(place)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def test_the_list_says_it_first_and_shows_the_worst_first(
    signed_in: Client, dataset: Dataset, version_of: AddVersion
) -> None:
    assert "No expectations yet" in text(signed_in, address("expectations", dataset))
    expect(dataset, "columns", "id")
    expect(dataset, "range", "price", severity="warn", max=10)
    assert "They are checked at the next version." in text(signed_in, address("expectations", dataset))
    expect(dataset, "unique", "id")
    version = version_of("id,price\n1,3\n1,12\n")
    run_check(version)
    page = text(signed_in, address("expectations", dataset))
    assert "3 expectations." in page
    assert "Version 1 does not meet 2 expectations; 1 blocks." in page
    order = ["id is different in every row", "price is at most 10", "There are the columns id"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "Version 1 is blocked." in page
    assert f"{address('version-checks', dataset, 1)}#result-" in page
    expectation = dataset.expectations.get(kind="range")
    Expectation.objects.filter(pk=expectation.pk).update(params={"max": 20})
    assert text(signed_in, address("expectations", dataset)).count("Not checked yet.") == 1


def test_names_and_values_of_files_are_only_text(
    signed_in: Client, dataset: Dataset, version_of: AddVersion
) -> None:
    add_expectation(
        dataset=dataset,
        user=dataset.project.created_by,
        kind="values",
        columns=[MARKUP],
        params={"values": ["<i>"]},
        severity="block",
        note=MARKUP,
    )
    run_check(version_of(f'id,"{MARKUP}"\n1,<b>bold</b>\n'))
    places = ["expectations", "suggestions", "expectation-kinds"]
    pages = [text(signed_in, address(name, dataset)) for name in places]
    pages.append(text(signed_in, address("expectation", dataset, dataset.expectations.get().pk)))
    pages.append(text(signed_in, address("version-checks", dataset, 1)))
    pages.append(text(signed_in, address("add-expectation", dataset, "range")))
    for page in pages:
        assert MARKUP not in page
        assert "<b>bold" not in page
        assert "<i>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in pages[4]
    assert "&lt;script&gt;" in pages[4]


def test_every_kind_has_a_form(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    for kind in KINDS:
        assert 'name="severity"' in text(signed_in, address("add-expectation", dataset, kind))
    text(signed_in, address("add-expectation", dataset, "none"), 404)
    version_of("id,price\n1,3\n")
    assert '<option value="price">' in text(signed_in, address("add-expectation", dataset, "relation"))


def test_an_expectation_is_added_changed_and_deleted(
    signed_in: Client, dataset: Dataset, version_of: AddVersion
) -> None:
    version_of("id,price\n1,3\n")
    place = address("add-expectation", dataset, "range")
    wrong = signed_in.post(place, {"column": "price", "min": "1,5", "severity": "warn", "note": "Kept"})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "must be a number, such as 12.5" in page
    assert "Kept" in page
    sent = {"column": "price", "min": "0", "max": "10", "severity": "block", "note": "As agreed"}
    assert signed_in.post(place, sent).status_code == 302
    row = dataset.expectations.get()
    assert (row.columns, row.params, row.severity) == (["price"], {"min": 0, "max": 10}, "block")
    edit = address("expectation", dataset, row.pk)
    assert 'value="10"' in text(signed_in, edit)
    assert signed_in.post(edit, {**sent, "max": ""}).status_code == 302
    row.refresh_from_db()
    assert row.params == {"min": 0}
    delete = address("delete-expectation", dataset, row.pk)
    assert "price is at least 0" in text(signed_in, delete)
    signed_in.post(delete)
    assert not dataset.expectations.exists()
    lines = {"columns": "id\nprice\n", "severity": "warn", "exact": "on"}
    signed_in.post(address("add-expectation", dataset, "columns"), lines)
    assert dataset.expectations.get().columns == ["id", "price"]


def test_suggestions_are_ticked(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    assert "No version was read yet" in text(signed_in, address("suggestions", dataset))
    version_of("id,price\n" + "".join(f"{i},{i}.5\n" for i in range(30)))
    page = text(signed_in, address("suggestions", dataset))
    assert "id is different in every row" in page
    key = page.split('id="key-')[1].split('"')[0]
    nothing = signed_in.post(address("suggestions", dataset), {"severity": "warn"})
    assert (nothing.status_code, b"No suggestion was chosen" in nothing.content) == (422, True)
    signed_in.post(address("suggestions", dataset), {"severity": "warn", "key": [key]})
    assert dataset.expectations.get().kind == "columns"


def test_a_blocked_version_is_let_pass_on_a_page_of_its_own(
    client: Client, project: Project, dataset: Dataset, version_of: AddVersion
) -> None:
    expect(dataset, "row_count", min=10)
    version = version_of("id\n1\n")
    run_check(version)
    place = address("accept-version", dataset, 1)
    client.force_login(make_member(project, Role.ENGINEER))
    assert "Let it pass" not in text(client, address("version-checks", dataset, 1))
    client.force_login(make_member(project, Role.MANAGER))
    assert place in text(client, address("version-checks", dataset, 1))
    assert client.post(place, {"reason": ""}).status_code == 200
    client.post(place, {"reason": "Few rows on holidays"})
    version.refresh_from_db()
    assert version.state == DatasetVersion.State.IN_FORCE
    page = text(client, address("version-checks", dataset, 1))
    assert "let this version pass" in page
    assert "Few rows on holidays" in page
    assert "It is in force already." in text(client, place)


def test_a_version_is_checked_again(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    version = version_of("id\n1\n")
    assert "It was not checked yet." in text(signed_in, address("version-checks", dataset, 1))
    expect(dataset, "row_count", min=10, severity="warn")
    signed_in.post(address("version-checks", dataset, 1))
    assert "aria-busy" in text(signed_in, address("version-checks", dataset, 1))
    run_check(version)
    assert "Version 1 does not meet 1 expectation; none blocks." in text(
        signed_in, address("version-checks", dataset, 1)
    )


def test_pages_ask_as_often_for_many_as_for_few(
    signed_in: Client, dataset: Dataset, version_of: AddVersion
) -> None:
    def asked(place: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            text(signed_in, place)
        return len(queries)

    places = [address("expectations", dataset), address("version-checks", dataset, 1)]
    expect(dataset, "row_count", min=2)
    version = version_of("id,x\n1,2\n")
    run_check(version)
    few = [asked(place) for place in places]
    for number in range(30):
        expect(dataset, "range", "x", min=number)
    recheck(version=version, user=version.project.created_by)
    run_check(version)
    assert [asked(place) for place in places] == few
    assert max(few) < 20


@pytest.fixture
def api(dataset: Dataset) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(dataset.project.created_by)}")
    return client


def test_expectations_over_rest(api: APIClient, dataset: Dataset, version_of: AddVersion) -> None:
    version_of("id,price\n" + "".join(f"{i},{i}.5\n" for i in range(30)))
    kinds = {kind["key"]: kind for kind in api.get("/api/v1/expectations/kinds/").json()}
    assert kinds["range"]["params"][0]["key"] == "min"
    body = {"dataset": dataset.pk, "kind": "range", "columns": ["price"], "params": {"min": 0}}
    made = api.post("/api/v1/expectations/", body, format="json")
    assert (made.status_code, made.json()["sentence"]) == (201, "price is at least 0")
    row = f"/api/v1/expectations/{made.json()['id']}/"
    changed = api.patch(row, {"params": {"max": 5}, "severity": "block"}, format="json").json()
    assert (changed["params"], changed["severity"], changed["columns"]) == ({"max": 5}, "block", ["price"])
    for wrong, status in (
        ({"params": {"max": "x"}}, 422),
        ({"params": {"most": 1}}, 422),
        ({"params": [1]}, 400),
        ({"columns": ["nothing"]}, 422),
        ({"columns": "price"}, 400),
        ({"severity": "stop"}, 400),
        ({"note": "x" * 1_001}, 400),
    ):
        answer = api.patch(row, wrong, format="json")
        assert answer.status_code == status, answer.content
        assert answer.json()["detail"]
    found = api.get("/api/v1/expectations/suggestions/", {"dataset": dataset.pk}).json()
    unique = next(each for each in found if each["kind"] == "unique")
    assert unique["sentence"] == "id is different in every row"
    taken = {"dataset": dataset.pk, "keys": [unique["key"]]}
    assert api.post("/api/v1/expectations/suggestions/", taken, format="json").status_code == 201
    assert api.post("/api/v1/expectations/suggestions/", taken, format="json").status_code == 422
    listed = api.get("/api/v1/expectations/", {"dataset": dataset.pk}).json()["results"]
    assert [each["kind"] for each in listed] == ["range", "unique"]
    assert api.delete(row).status_code == 204
    assert api.get("/api/v1/expectations/", {"dataset": 0}).status_code == 404


def test_checks_over_rest(api: APIClient, dataset: Dataset, version_of: AddVersion) -> None:
    expect(dataset, "unique", "id")
    version = version_of("id\n1\n1\n")
    run_check(version)
    (found,) = api.get("/api/v1/checks/", {"version": version.pk}).json()["results"]
    assert (found["version_state"], found["blocked"], found["number"]) == ("blocked", 1, 1)
    (result,) = api.get(f"/api/v1/checks/{found['id']}/").json()["results"]
    assert (result["state"], result["violations"]) == ("violated", 2)
    assert result["examples"][0] == {"row": 1, "values": {"id": 1}}
    again = api.post("/api/v1/checks/", {"version": version.pk}, format="json")
    assert (again.status_code, again.json()["finished_at"]) == (202, None)
    run_check(version)
    accept = f"/api/v1/checks/{found['id']}/accept/"
    assert api.post(accept, {"reason": " "}, format="json").status_code == 400
    assert api.post(accept, {"reason": "Two tills"}, format="json").json()["version_state"] == "in_force"
    assert api.post(accept, {"reason": "Again"}, format="json").status_code == 422
