"""Starts `sira` by forking a process that has read its modules: 2.4 s of CPU less for each start.

Run as a process: takes one JSON object a line. `{"words", "environment", "output"}` starts a
process and answers its id; `{"wait": pid}` waits for its end and answers the exit code, negative
for a signal.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Stem:
    """What processes of Sira are forked from; `tree` is where its modules are read."""

    def __init__(self, tree: Path = ROOT) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.stem"],
            cwd=tree,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, words: Sequence[str], environment: Mapping[str, str], output: Path) -> int:
        """Start `sira WORDS`; return its process id."""
        return self._ask(
            {"words": list(words), "environment": dict(environment), "output": str(output)}
        )

    def wait(self, pid: int) -> int:
        """Wait for the end of a process; return its exit code."""
        return self._ask({"wait": pid})

    def close(self) -> None:
        """End the stem; what grew from it goes on."""
        self._process.communicate()

    def _ask(self, what: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def a_stem() -> Iterator[Stem]:
    """Yield a stem, and end it."""
    stem = Stem()
    try:
        yield stem
    finally:
        stem.close()


def _fork(words: Sequence[str], environment: Mapping[str, str], output: str) -> int:
    from app.cli import app  # noqa: PLC0415 - read before, when the stem started

    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        nowhere, log = os.open(os.devnull, os.O_RDONLY), os.open(output, os.O_WRONLY | os.O_CREAT)
        for ours, theirs in ((nowhere, 0), (log, 1), (log, 2)):
            os.dup2(ours, theirs)
        os.environ.clear()
        os.environ.update(environment)
        app(list(words), prog_name="sira")
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)
    finally:
        os._exit(70)


def _main() -> None:
    import app.cli.serving  # noqa: F401, PLC0415 - the point of a stem

    gc.collect()
    gc.freeze()  # else each of those looks through all these modules while it starts: 0.4 s
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            _, status = os.waitpid(asked["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = _fork(**asked)
        print(answer, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    _main()
