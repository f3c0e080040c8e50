"""Run a row of processes: started in order, started again when they end, stopped in reverse order."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from .process import Program, ServiceError

FIRST_BACK_OFF = 1.0
LONGEST_BACK_OFF = 30.0
# A process that ran this long was well: its next failure is a new one.
STEADY_SECONDS = 60.0

Ready = Callable[["subprocess.Popen[bytes]"], None]


@dataclass
class Service:
    """A supervised process. `prepare` is called before every start, for what a crash may have left."""

    prepare: Callable[[], Program]
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    back_off: float = FIRST_BACK_OFF
    restart_at: float | None = None
    reader: threading.Thread | None = field(default=None, repr=False)


class Supervisor:
    """Use as a context manager: leaving it, for whatever reason, stops everything in reverse order.

    SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt while it runs; once it stops, they hurry it.
    """

    def __init__(self, say: Callable[[str, str], None]):
        self.say = say
        self.services: list[Service] = []
        self.stopping = False
        self.hurried = False

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping = True
        for service in reversed(self.services):
            self._stop(service)

    def add(self, prepare: Callable[[], Program], ready: Ready | None = None) -> None:
        """Start a process, wait until it is ready, and keep it running from now on."""
        program = prepare()
        service = Service(prepare, program, self._spawn(program), time.monotonic())
        service.reader = self._relay(service)
        self.services.append(service)
        if ready is not None:
            ready(service.process)

    def run_once(self, program: Program) -> None:
        """Run a program to its end; raise ServiceError when it fails."""
        service = Service(lambda: program, program, self._spawn(program), time.monotonic())
        service.reader = self._relay(service)
        try:
            service.process.wait()
        finally:
            self._stop(service)
        if service.process.returncode != 0:
            raise ServiceError(f"{program.name} failed with code {service.process.returncode}; see above.")

    def watch(self) -> None:
        """Start again what ends, until a signal arrives."""
        while True:
            for service in self.services:
                self._look_after(service, time.monotonic())
            time.sleep(0.2)

    def _look_after(self, service: Service, now: float) -> None:
        code = service.process.poll()
        if code is None:
            return
        if service.restart_at is None:
            if now - service.started > STEADY_SECONDS:
                service.back_off = FIRST_BACK_OFF
            service.restart_at = now + service.back_off
            name = service.program.name
            self.say(name, f"ended with code {code}; starting it again in {service.back_off:.0f} s")
            service.back_off = min(service.back_off * 2, LONGEST_BACK_OFF)
        elif now >= service.restart_at:
            try:
                service.program = service.prepare()
            except (ServiceError, OSError) as error:
                self.say(service.program.name, str(error))
                service.restart_at = now + service.back_off
                return
            service.process = self._spawn(service.program)
            service.started, service.restart_at = now, None
            service.reader = self._relay(service)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        return program.start(output=subprocess.PIPE)

    def _relay(self, service: Service) -> threading.Thread:
        """Pass on the output of the process line by line, each with the name of its source."""
        name, output = service.program.name, service.process.stdout

        def relay() -> None:
            if output is not None:
                with output:
                    for line in output:
                        self.say(name, line.decode(errors="replace").rstrip())

        reader = threading.Thread(target=relay, name=f"output of {name}", daemon=True)
        reader.start()
        return reader

    def _stop(self, service: Service) -> None:
        service.program.stop(service.process, hurried=lambda: self.hurried)
        if service.reader is not None:
            # A grandchild that outlives the process may hold the pipe open: do not wait for it for ever.
            service.reader.join(timeout=1.0)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.stopping:
            raise KeyboardInterrupt
        self.hurried = True
