"""The wire that the cuts are made with: it ends without a word about itself."""

import logging
import socket

import pytest

from tests.harness.cutting import a_cutter


def test_a_wire_that_ends_with_requests_unanswered_leaves_nothing_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, caplog.at_level(logging.WARNING):
        with a_cutter(f"http://127.0.0.1:{silent.getsockname()[1]}") as cutter:
            near = cutter.url.rpartition(":")[2]
            worker = socket.create_connection(("127.0.0.1", int(near)))
            worker.sendall(b"a request")
            far, _ = silent.accept()
            arrived = far.recv(100)
        worker.close()
        far.close()

    assert arrived == b"a request"
    assert [record.getMessage() for record in caplog.records] == []
