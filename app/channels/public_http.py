"""HTTP to programs at public addresses only, each looked at when the connection is made.

aiohttp, and no other client, lets us look at the very address that is connected to. It is 8 MiB and
read when the first webhook is called.
"""

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from app.channels.host_names import look_up
from app.channels.public_addresses import NotPublicError, is_public

#: Names are looked up apart from those of mail servers: a slow answer is whoever's name it is. A
#: look-up outlives its call, by half a minute where no name server answers: there are more threads
#: than calls.
_NAMES = ThreadPoolExecutor(128, thread_name_prefix="webhook-name")


class PublicHttp:
    """Connections to whoever an organisation likes, none of them kept.

    Args:
        timeout_s: For the whole of one request.
        connections: Open at once at most.
        loopback: This very machine is allowed besides: for development.
        resolver: In place of the system's.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        connections: int,
        loopback: bool,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._loopback = loopback
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections,
                resolver=PublicResolver(resolver or _Names(), loopback=loopback),
                use_dns_cache=False,  # a name is asked for at each connection
                force_close=True,  # no connection outlives the look at its address
                socket_factory=self._socket,
            ),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str | None]:
        """Post `body` once; return the status and `Retry-After` of the answer.

        Raises:
            NotPublicError: The host has an address that is not public.
            TimeoutError: No answer in time.
            ConnectionError: None for another reason, which it names.
        """
        try:
            answer = await self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            )
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(inner := getattr(error, "os_error", error), NotPublicError):
                raise inner from error
            raise ConnectionError(type(error).__name__) from error
        answer.close()  # whatever else it would say is not read
        return answer.status, answer.headers.get("Retry-After")

    async def close(self) -> None:
        """Close connections."""
        await self._session.close()

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Return a socket for the address that is connected to next, if it may be: the last look.

        Raises:
            NotPublicError: It may not.
        """
        family, kind, protocol, _, address = info
        if not is_public(str(address[0]), loopback=self._loopback):
            raise NotPublicError("not a public address")
        return socket.socket(family, kind, protocol)


class _Names(AbstractResolver):
    """Looks names up in threads of its own."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in await look_up(host, port, _NAMES, family)
        ]

    @override
    async def close(self) -> None:
        """Leave the threads to whoever looks up next."""


class PublicResolver(AbstractResolver):
    """Names to addresses, every one of which is public; a name with any other has none at all.

    A name that answers with both a public and a private address is set up for nothing good.
    """

    def __init__(self, inner: AbstractResolver, *, loopback: bool) -> None:
        self._inner, self._loopback = inner, loopback

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(one["host"], loopback=self._loopback) for one in found):
            raise NotPublicError("the host has an address that is not public")
        return found

    @override
    async def close(self) -> None:
        await self._inner.close()
