"""A Twilio that answers as fast as a process can: for measuring everything but itself.

Run as a process of its own: `python bench/fake_twilio.py [--delay-ms 150]` prints its port.
`POST /hook/<anybody>` is a webhook, counted like a message. `GET /count` tells how many it took,
when the first and the last one came (monotonic clock of the machine, seconds), and the CPU it used
since the last `POST /reset`, which forgets them.
"""

import argparse
import asyncio
import json
import time

import uvloop
from typing_extensions import override


class Counter:
    """What was taken."""

    def __init__(self, delay_s: float) -> None:
        self.delay_s = delay_s
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.taken, self.first, self.last = 0, 0.0, 0.0
        self.numbers: set[bytes] = set()
        self.cpu_from = time.process_time()

    def count(self, recipient: bytes) -> None:
        """Count a call."""
        now = time.monotonic()
        self.first = self.first or now
        self.last = now
        self.taken += 1
        self.numbers.add(recipient)

    def take(self, body: bytes) -> bytes:
        """Count a message and return Twilio's answer."""
        start = body.index(b"To=")
        self.count(body[start : start + 17])
        sid = f"SM{self.taken:032x}"
        return json.dumps(
            {
                "sid": sid,
                "status": "queued",
                "to": "+22370000000",
                "body": "",
                "date_created": "Sat, 06 Sep 2025 08:00:00 +0000",
                "date_updated": "Sat, 06 Sep 2025 08:00:00 +0000",
                "date_sent": None,
                "error_code": None,
                "error_message": None,
                "num_segments": "1",
                "direction": "outbound-api",
                "api_version": "2010-04-01",
                "price": None,
                "price_unit": "USD",
                "uri": f"/2010-04-01/Accounts/AC/Messages/{sid}.json",
            }
        ).encode()


class Connection(asyncio.Protocol):
    """One kept connection; answers in order."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.buffer = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = 0
            if (at := head.find(b"content-length:")) >= 0:
                length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            if len(self.buffer) < end + 4 + length:
                return
            body = self.buffer[end + 4 : end + 4 + length]
            self.buffer = self.buffer[end + 4 + length :]
            self.answer(head, body)

    def answer(self, head: bytes, body: bytes) -> None:
        """Answer one request, at once or after the delay."""
        status, answer = b"201 Created", b"{}"
        if b"messages.json" in head[:120]:
            answer = self.counter.take(body)
            if self.counter.delay_s:
                loop = asyncio.get_running_loop()
                loop.call_later(self.counter.delay_s, self.write, status, answer)
                return
        elif head.startswith(b"post /hook/"):
            self.counter.count(head.split(b" ", 2)[1])
            status = b"200 OK"
        elif head.startswith(b"post /reset"):
            self.counter.reset()
        else:
            counter = self.counter
            answer = json.dumps(
                {
                    "taken": counter.taken,
                    "numbers": len(counter.numbers),
                    "first": counter.first,
                    "last": counter.last,
                    "cpu_s": time.process_time() - counter.cpu_from,
                }
            ).encode()
        self.write(status, answer)

    def write(self, status: bytes, answer: bytes) -> None:
        """Write one answer."""
        self.transport.write(  # type: ignore[attr-defined]
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, len(answer), answer)
        )


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay-ms", type=float, default=0.0)
    counter = Counter(parser.parse_args().delay_ms / 1000)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(counter), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
