"""How many previews run at a time in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from app.core.errors import LimitError


class PreviewBusyError(LimitError):
    """Previews take a processor each for some seconds; as many as may run are running."""

    code: ClassVar[str] = "preview-busy"
    title: ClassVar[str] = "Another preview is running"


class Previews:
    """Lets a few in at a time and sends the others away; of one event loop.

    Attributes:
        inside: How many are in.
    """

    def __init__(self) -> None:
        self.inside = 0

    @contextmanager
    def enter(self, *, at_most: int, retry_after_s: int) -> Iterator[None]:
        """Let the caller in, or not.

        Raises:
            PreviewBusyError: `at_most` are in already.
        """
        if self.inside >= at_most:
            raise PreviewBusyError(
                f"{self.inside} running already; come back in {retry_after_s} s.",
                retry_after_s=retry_after_s,
            )
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
