"""How many answers may stay open, of whom, and that all end with the server."""

from contextlib import ExitStack

import pytest

from app.core.errors import LimitError
from app.http.streams import Streams

ONE, OTHER = "196.200.1.1", "2001:41d0::1"


def test_one_address_has_its_share_and_leaves_the_others_theirs() -> None:
    streams = Streams(most=4, most_of_one=2)
    with ExitStack() as open_ones:
        for _ in range(2):
            open_ones.enter_context(streams.admitted(ONE))

        with pytest.raises(LimitError), streams.admitted(ONE):
            pass
        with streams.admitted(OTHER):
            assert streams.open == 3

    with streams.admitted(ONE):
        assert streams.open == 1


def test_of_ipv6_one_has_a_whole_network() -> None:
    streams = Streams(most_of_one=1)
    with streams.admitted("2001:41d0:0:1::1"):
        with pytest.raises(LimitError), streams.admitted("2001:41d0:0:1::2"):
            pass
        with streams.admitted("2001:41d0:0:2::1"):
            assert streams.open == 2


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "::1", ""])
def test_behind_a_proxy_only_the_whole_counts(address: str) -> None:
    streams = Streams(most=3, most_of_one=1)
    with ExitStack() as open_ones:
        for _ in range(3):
            open_ones.enter_context(streams.admitted(address))

        with pytest.raises(LimitError), streams.admitted(address):
            pass


def test_when_the_server_stops_all_end_and_none_begins() -> None:
    streams = Streams()
    with streams.admitted(ONE) as end:
        streams.stop()

        assert end.is_set()
        with pytest.raises(LimitError), streams.admitted(OTHER):
            pass
