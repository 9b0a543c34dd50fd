"""Domain errors. Each has a stable code; the HTTP edge maps families to statuses."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """Base of every error that a caller can mend.

    Attributes:
        code: Stable, kebab-case; part of the public API (`/problems/<code>`).
        title: What went wrong, the same for every occurrence.
        detail: This occurrence, and how to mend it.
        errors: `{"pointer": "/place", "detail": "..."}` for each field at fault (RFC 6901).
        extra: Further members of the problem document (`candidates`, ...).
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Error"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = dict(extra or {})


class NotFoundError(DomainError):
    """The thing asked for does not exist, or not for this caller."""

    code = "not-found"
    title = "Not found"


class ConflictError(DomainError):
    """The change does not fit the present state."""

    code = "conflict"
    title = "Conflict with the present state"


class InvalidError(DomainError):
    """The input cannot be accepted as it is."""

    code = "invalid"
    title = "Invalid input"


class UnauthorizedError(DomainError):
    """No valid key came with the request."""

    code = "unauthorized"
    title = "A valid API key is needed"


class ForbiddenError(DomainError):
    """The key is valid but may not do this."""

    code = "forbidden"
    title = "Not allowed"


class LimitError(DomainError):
    """Too many requests; `retry_after_s` says when to come back."""

    code = "rate-limited"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class ConfigError(Exception):
    """The configuration is wrong; the message names file and key. Stops start-up."""
