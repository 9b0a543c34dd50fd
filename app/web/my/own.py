"""Pages of one organisation below `/my`: its own, or the one that an admin chose."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote

from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.web.signed import SignedPage, Sitting


class OwnPage(SignedPage):
    """A page of one organisation."""

    scope: ClassVar[KeyScope] = KeyScope.SUBSCRIBER
    brings_back = True

    def organisation(self, sitting: Sitting, form: Mapping[str, str] | None = None) -> str:
        """Return the organisation that the page, or its form, is of; "": an admin named none.

        Raises:
            NotFoundError: It is not there for who asks.
        """
        given = sitting.query if form is None else form
        wanted = sitting.caller.organisation_id or given.get("organisation", "")
        if wanted:
            sitting.caller.must_see(wanted, what="organisation")
        return wanted

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the page, with a form that comes back; an admin who named nobody chooses first."""
        form = sitting.kept
        if organisation_id := self.organisation(sitting, form or None):
            await self.show_of(sitting, organisation_id, form)
        else:
            await self.go(sitting, "/my")

    @abstractmethod
    async def show_of(
        self, sitting: Sitting, organisation_id: str, tried: Mapping[str, str]
    ) -> None:
        """Send the page of an organisation; `tried`: a form that comes back."""

    async def back(self, sitting: Sitting, organisation_id: str, *, done: str = "") -> None:
        """Send the browser back to this page, with what was done."""
        named = "" if sitting.caller.organisation_id else quote(organisation_id, safe="")
        more = f"&organisation={named}" if named else ""
        await self.go(sitting, sitting.below, done=f"{done}{more}")


def whose(sitting: Sitting, organisation_id: str) -> str:
    """Return the query that leads an admin to the organisation; its own people need none."""
    if sitting.caller.organisation_id:
        return ""
    return f"?organisation={quote(organisation_id, safe='')}"
