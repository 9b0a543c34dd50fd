"""What in a text is each recipient's own: a link by which he says "I have read it"."""

#: Stands in a text for the token of each recipient's own link, and is as long as one.
OWN_TOKEN = "x" * 30
#: Where the page is that such a link leads to.
OWN_PAGE = "/ok/"


def own_link(public_url: str, token: str = OWN_TOKEN) -> str:
    """Return a recipient's own link; his token is put in as it leaves."""
    return f"{public_url.rstrip('/')}{OWN_PAGE}{token}"
