"""Kept HTTP connections to a provider: one time-out, no retries, no redirects.

What matters of a failure is whether the provider may have the request. Sira sends again from its
outbox only.
"""

from datetime import timedelta

from pyreqwest.client import Client as HttpPool
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PoolTimeoutError, RequestError, RequestTimeoutError

from app.channels.base import QUESTIONS_AT_ONCE

#: Requests beside the messages in the air: questions to a message log, which must not take a
#: warning's connection where the log hangs; one more for those about answers by hand.
_SPARE_CONNECTIONS = QUESTIONS_AT_ONCE + 1
#: Idle connections are closed before a load balancer between would do it.
_IDLE = timedelta(seconds=50)


class NotSentError(Exception):
    """No connection came about: the provider cannot have the request."""


class NoAnswerError(Exception):
    """The request may have left, and no answer came: the provider may have it."""


def open_pool(*, timeout_s: float, connections: int) -> HttpPool:
    """Return a pool; nothing is connected yet.

    What the network has not taken within the time-out is given up by the kernel too: it would go
    on trying for minutes after we hung up, and deliver a request that was sent again meanwhile.

    Args:
        timeout_s: For the whole of one request.
        connections: Open at once at most.
    """
    return (
        ClientBuilder()
        .timeout(timedelta(seconds=timeout_s))
        .connect_timeout(timedelta(seconds=timeout_s / 2))
        .tcp_user_timeout(timedelta(seconds=timeout_s))
        .max_connections(connections + _SPARE_CONNECTIONS)
        .pool_max_idle_per_host(connections)
        .pool_idle_timeout(_IDLE)
        .follow_redirects(enable=False)
        .referer(enable=False)
        .build()
    )


def failure(error: RequestError) -> NotSentError | NoAnswerError:
    """Tell "cannot have it" from "may have it".

    pyreqwest 0.15 calls every failure before the answer a ConnectError, a connection cut after the
    request included; only the causes, hyper's words, say whether it was still connecting. Whatever
    does not say so is a doubt.
    """
    causes = [cause["message"] for cause in error.details["causes"] or ()]
    if isinstance(error, PoolTimeoutError) or _CONNECTING in causes:
        return NotSentError(causes[-1] if causes else "no connection")
    return NoAnswerError("timeout" if isinstance(error, RequestTimeoutError) else "cut")


_CONNECTING = "client error (Connect)"
