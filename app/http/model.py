"""What every body has in common, in and out."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class ApiModel(BaseModel):
    """Base of every body.

    Unknown members are refused, so that a misspelt one is not silently without effect; NaN and
    infinities are, because JSON has none. Characters that no database takes never come this far:
    `app.http.edge` refuses them in every body, path and query.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


#: A name of something or somebody: trimmed, one line.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=120,
        pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]*$",
    ),
]
