"""The supervisor, on real processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from apps.jobs.embedded.process import Program, ServiceError
from apps.jobs.embedded.supervisor import Supervisor


@pytest.fixture
def said() -> list[tuple[str, str]]:
    """The lines that the supervisor said, with their sources."""
    return []


@pytest.fixture(autouse=True)
def keep_signal_handlers():  # type: ignore[no-untyped-def]
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def python(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-u", "-c", code))


def watch_for(supervisor: Supervisor, seconds: float) -> None:
    """Watch until a Ctrl-C after this time."""
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        supervisor.watch()


def test_order_prefix_and_reverse_stop(said: list[tuple[str, str]]) -> None:
    code = (
        "import signal, sys, time\n"
        "def end(*_): print('ends'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('runs'); time.sleep(60)"
    )

    def ready(name: str):  # type: ignore[no-untyped-def]
        def wait(process: object) -> None:
            while (name, "runs") not in said:
                time.sleep(0.01)

        return wait

    with Supervisor(lambda *line: said.append(line)) as supervisor:
        for name in ("first", "second"):
            supervisor.add(lambda name=name: python(name, code), ready(name))  # type: ignore[misc]
        watch_for(supervisor, 0.1)
    assert said == [("first", "runs"), ("second", "runs"), ("second", "ends"), ("first", "ends")]


def test_ended_process_starts_again(said: list[tuple[str, str]], tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    code = f"open({str(starts)!r}, 'a').write('x'); raise SystemExit(3)"
    with Supervisor(lambda *line: said.append(line)) as supervisor:
        supervisor.add(lambda: python("failing", code))
        watch_for(supervisor, 2)
    assert len(starts.read_text()) >= 2
    assert any(line.startswith("ended with code 3; starting it again") for _, line in said)


def test_failing_step_is_told(said: list[tuple[str, str]]) -> None:
    with (
        pytest.raises(ServiceError, match="setup failed with code 2"),
        Supervisor(lambda *line: said.append(line)) as supervisor,
    ):
        supervisor.run_once(python("setup", "print('the reason'); raise SystemExit(2)"))
    assert said == [("setup", "the reason")]
