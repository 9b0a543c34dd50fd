"""A real Kannel on loopback, with its own fakesmsc as the operator behind it."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.harness.optional import missing
from tests.harness.ports import a_free_port

USER, PASSWORD, SENDER = "sira", "secret-of-kannel", "Sira"

_BOXES = ("bearerbox", "smsbox")
_FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
_CONFIG = """
group = core
admin-port = {admin}
admin-password = {password}
smsbox-port = {boxes}
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 1
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = fake
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
log-file = {folder}/smsbox.log
log-level = 1

group = sendsms-user
username = {user}
password = {password}
max-messages = 4
concatenation = true
"""
#: Where messages that come in are taken; the answer goes back unless it is empty.
_SERVICE = """
group = sms-service
keyword = default
catch-all = true
omit-empty = true
max-messages = 1
send-sender = true
post-url = "{url}"
"""


@dataclass
class Kannel:
    """What a test may ask of it."""

    url: str
    folder: Path

    def heard(self) -> list[str]:
        """Return what the operator was handed: `sender receiver kind text`, as fakesmsc says it."""
        log = (self.folder / "fakesmsc.log").read_text(encoding="utf-8", errors="replace")
        return re.findall(r"Got message \d+: <(.*)>", log)


@asynccontextmanager
async def kannel(
    folder: Path, *, operator: bool = True, inbound_url: str | None = None, writes: str = ""
) -> AsyncIterator[Kannel]:
    """Run Kannel for as long as the context is open; skip where it is not installed.

    Args:
        folder: For its configuration and logs.
        operator: Whether there is a line to send through.
        inbound_url: Where messages that come in are taken; None: nowhere.
        writes: What somebody writes to it, once: `sender receiver text TEXT`.
    """
    boxes = _installed()
    admin, inner, smsc, http = (a_free_port() for _ in range(4))
    config = folder / "kannel.conf"
    ports = {"admin": admin, "boxes": inner, "smsc": smsc, "http": http}
    service = _SERVICE.format(url=inbound_url) if inbound_url else ""
    config.write_text(
        _CONFIG.format(folder=folder, user=USER, password=PASSWORD, **ports) + service
    )
    running = []
    try:
        running.append(await _start(folder, "bearerbox.out", boxes["bearerbox"], str(config)))
        await _listens(inner)
        if operator:
            await _listens(smsc)
            line = [str(_FAKESMSC), "-H", "127.0.0.1", "-r", str(smsc), "-i", "1"]
            line += ["-m", "1", writes] if writes else ["-m", "0", "1 2 text nothing"]
            running.append(await _start(folder, "fakesmsc.log", *line))
        running.append(await _start(folder, "smsbox.out", boxes["smsbox"], str(config)))
        await _listens(http)
        yield Kannel(url=f"http://127.0.0.1:{http}/cgi-bin/sendsms", folder=folder)
    finally:
        for process in reversed(running):
            if process.returncode is None:
                process.kill()
            await process.wait()


def _installed() -> dict[str, str]:
    path = "/usr/sbin:/usr/bin:/usr/local/sbin"
    found = {name: shutil.which(name, path=path) for name in _BOXES}
    if not all(found.values()) or not _FAKESMSC.exists():
        missing("kannel", "no bearerbox, smsbox and fakesmsc (Debian: kannel, kannel-extras)")
    return {name: str(path) for name, path in found.items()}


async def _start(folder: Path, log: str, *command: str) -> asyncio.subprocess.Process:
    with (folder / log).open("wb") as output:
        return await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )


async def _listens(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return
