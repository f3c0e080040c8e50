"""The portal as a script sees it: the REST API, in this process or over the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.accounts.models import User
from tests.factories import make_project, make_token, make_user


@dataclass(frozen=True)
class Script:
    """An engineer's script with a token and a project of its own."""

    api: APIClient
    project: str
    user: User

    def post(self, path: str, content: bytes, name: str, headers: dict[str, str] | None = None, **data: Any):
        file = SimpleUploadedFile(name, content)
        body = {"project": self.project, "file": file, **data}
        return self.api.post(f"/api/v1/{path}/", body, format="multipart", headers=headers or {})

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.api.get(f"/api/v1/{path}/", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def submit(self, path: Path, **data: Any) -> dict[str, Any]:
        """Upload predictions; the run and its job as the API answers them."""
        answer = self.post("runs", path.read_bytes(), path.name, **data)
        assert answer.status_code == 202, answer.content
        return answer.json()

    def upload_truth(self, path: Path, **data: Any) -> str:
        answer = self.post("files", path.read_bytes(), path.name, purpose="truth", **data)
        assert answer.status_code == 202, answer.content
        return answer.json()["id"]

    def wait(self, job: str, rounds: int = 4) -> dict[str, Any]:
        """Ask the job until it has ended, as a script would."""
        for _ in range(rounds):
            state = self.get(f"jobs/{job}", wait=25)
            if state["state"] not in ("queued", "running"):
                return state
        raise AssertionError(f"the job never ended: {state}")

    def result(self, run: dict[str, Any]) -> dict[str, Any]:
        job = self.wait(run["job"]["id"])
        assert job["state"] == "succeeded", job["error"]
        return self.get(f"runs/{run['run']['id']}")


def make_script() -> Script:
    user = make_user("ML engineer")
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(user)}")
    return Script(api, make_project(user).slug, user)
