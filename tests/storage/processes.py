"""Starting, hearing and killing real processes.

Python needs a third of a second to import the library, so one process does that once, opens nothing, and forks a worker
for each job it is asked for. It is a process of its own because the tests' process has threads, which must not be forked.
Run as a script, this file is that process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

#: How long a worker may keep silent before it counts as stuck, in seconds.
STUCK_SECONDS = 120


class Worker:
    """A process that does one job."""

    def __init__(self, forge: Forge, pid: int, connection: socket.socket) -> None:
        self._forge = forge
        self.pid = pid
        #: How it ended: 0, or the negative number of a signal; None while it may be running.
        self.ended: int | None = None
        connection.settimeout(STUCK_SECONDS)
        self._connection = connection
        self._lines = connection.makefile("rb")

    def hear(self) -> Any:
        """Its next message; None once it has ended and everything it said was heard."""
        try:
            line = self._lines.readline()
        except ConnectionResetError:
            return None
        if not line.endswith(b"\n"):
            return None
        said = json.loads(line)
        assert not (isinstance(said, dict) and "broke" in said), said["broke"]
        return said

    def say(self, what: Any) -> None:
        """Sends it a message."""
        self._connection.sendall(json.dumps(what).encode() + b"\n")

    def start(self) -> None:
        """Waits until it is ready and lets it begin."""
        assert self.hear() == "ready"
        self.say("go")

    def rest(self) -> list[Any]:
        """Everything else it says until it ends."""
        return list(iter(self.hear, None))

    def kill(self) -> list[Any]:
        """Ends it with SIGKILL and answers everything it had said and nobody had heard."""
        os.kill(self.pid, signal.SIGKILL)
        said = self.rest()
        self.wait()
        return said

    def wait(self) -> int:
        """Waits until it has ended; answers how."""
        if self.ended is None:
            self.ended = os.waitstatus_to_exitcode(self._forge.ask({"wait": self.pid})["status"])
            self._lines.close()
            self._connection.close()
        return self.ended


class Forge:
    """The process that forks workers."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__)), str(theirs.fileno())], pass_fds=[theirs.fileno()]
            )
        self._control.settimeout(STUCK_SECONDS)
        self._workers: list[Worker] = []

    def start(self, job: str, **arguments: Any) -> Worker:
        """A worker that does a job of `jobs.JOBS`, `mixed.JOBS` or `sending_jobs.JOBS`."""
        ours, theirs = socket.socketpair()
        with theirs:
            answer = self.ask({"job": job, "arguments": arguments}, theirs.fileno())
        worker = Worker(self, answer["pid"], ours)
        self._workers.append(worker)
        return worker

    def ask(self, request: dict[str, Any], *handed: int) -> Any:
        """One request and its answer."""
        socket.send_fds(self._control, [json.dumps(request).encode()], list(handed))
        return json.loads(self._control.recv(1 << 16))

    def clear(self) -> None:
        """Ends every worker that is still running."""
        for worker in self._workers:
            if worker.ended is None:
                worker.kill()
        self._workers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        self._control.close()
        self._process.wait(STUCK_SECONDS)


@contextmanager
def workers_of(forge: Forge) -> Iterator[Forge]:
    """The forge for one test: whatever it started has ended afterwards."""
    try:
        yield forge
    finally:
        forge.clear()


def _serve(control: socket.socket) -> None:
    """Forks a worker for each request and waits for those it is asked to wait for."""
    while True:
        message, handed, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not message:
            return
        request = json.loads(message)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            control.sendall(json.dumps({"status": status}).encode())
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            _work(request, socket.socket(fileno=handed[0]))
        os.close(handed[0])
        control.sendall(json.dumps({"pid": pid}).encode())


def _work(request: dict[str, Any], connection: socket.socket) -> None:
    """Does the job and ends the process."""
    import jobs
    import mixed
    import sending_jobs

    line = jobs.Line(connection)
    code = 1
    try:
        (jobs.JOBS | mixed.JOBS | sending_jobs.JOBS)[request["job"]](line, **request["arguments"])
        code = 0
    except BaseException:
        line.say({"broke": traceback.format_exc()})
    finally:
        os._exit(code)


if __name__ == "__main__":
    import jobs  # noqa: F401  everything is imported before the first fork
    import mixed  # noqa: F401
    import sending_jobs  # noqa: F401

    _serve(socket.socket(fileno=int(sys.argv[1])))
