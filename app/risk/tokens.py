"""The words of a CEL condition: enough to point at one and to see what it is compared with.

The CEL engine parses and checks; this only reads names, texts and signs in order, for suggestions
and for knowing which kinds of incident a rule can concern.
"""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|//[^\n]*)
  | (?P<text>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<name>[A-Za-z_]\w*(?:[ \t]*\.[ \t]*[A-Za-z_]\w*)*)
  | (?P<number>\d[\w.]*)
  | (?P<sign>==|!=|<=|>=|&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: Words of `name == text`.
_PLAIN = 3
_COMPARES = frozenset({"==", "!=", "<", ">", "<=", ">="})
_JOINS = frozenset({"&&", "||", "(", ")", "?", ":", ",", "[", "]"})
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `what` is "text", "name", "number" or "sign"; line and column count from 1."""

    what: str
    text: str
    line: int
    column: int

    @property
    def is_name(self) -> bool:
        """Return whether it names a variable, field or function."""
        return self.what == "name"

    @property
    def value(self) -> str:
        """Return what a text literal says; its source when it holds an escape."""
        body = self.text.lstrip("rRbB")
        quotes = 3 if body[:3] in {'"""', "'''"} else 1
        return self.text if "\\" in body else body[quotes:-quotes]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name operator values`; `whole`: the tokens looked at hold nothing else."""

    name: str
    operator: str
    values: tuple[Token, ...]
    whole: bool


def tokenise(source: str) -> list[Token]:
    """Return the words of `source` in order, without blanks and comments."""
    tokens = []
    line, line_start = 1, 0
    for found in _TOKEN.finditer(source):
        what = found.lastgroup or "sign"
        if what != "skip":
            text = re.sub(r"\s+", "", found[0]) if what == "name" else found[0]
            tokens.append(Token(what, text, line, found.start() - line_start + 1))
        if breaks := found[0].count("\n"):
            line += breaks
            line_start = found.start() + found[0].rindex("\n") + 1
    return tokens


def word_at(tokens: list[Token], line: int, column: int) -> Token | None:
    """Return the word that covers a position, None between words."""
    for token in tokens:
        if token.line == line and token.column <= column < token.column + len(token.text):
            return token
    return None


def conjuncts(tokens: list[Token]) -> list[list[Token]]:
    """Return the parts that must all be true for the whole to be; [] when that is not plain."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in _OPEN) - (token.text in _CLOSE) if token.what == "sign" else 0
        if depth == 0 and token.what == "sign" and token.text in {"||", "?"}:
            return []
        if depth == 0 and token.what == "sign" and token.text == "&&":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def comparisons(tokens: list[Token]) -> list[Comparison]:
    """Return every comparison of a name with text literals, in either order."""
    found = []
    for place, token in enumerate(tokens):
        if token.text in {"==", "!=", "in"} and 0 < place < len(tokens) - 1:
            comparison = _comparison(tokens, place)
            if comparison is not None:
                found.append(comparison)
    return found


def greatest_compared(tokens: list[Token], name: str) -> int | None:
    """Return the greatest whole number that a variable is compared with, 0 when it is not used.

    None: something else is done with it, and any of its values may matter.
    """
    greatest = 0
    for place, token in enumerate(tokens):
        if not (token.is_name and token.text == name):
            continue
        before, after = tokens[max(0, place - 3) : place], tokens[place + 1 : place + 4]
        number = _compared(after[:2], _edge(after[2:]) and _edge(before[-1:]))
        if number is None:
            number = _compared(before[:-3:-1], _edge(before[:-2]) and _edge(after[:1]))
        if number is None:
            return None
        greatest = max(greatest, number)
    return greatest


def _edge(tokens: list[Token]) -> bool:
    """Return whether a comparison may end there: nothing, or what joins truths."""
    return not tokens or (tokens[0].what == "sign" and tokens[0].text in _JOINS)


def _compared(tokens: list[Token], alone: bool) -> int | None:  # noqa: FBT001
    """Return the number that follows a sign of comparison, if that is all there is."""
    if len(tokens) != 2 or not alone:  # noqa: PLR2004 - sign and number
        return None
    sign, number = tokens
    return int(number.text) if sign.text in _COMPARES and number.text.isdigit() else None


def _comparison(tokens: list[Token], place: int) -> Comparison | None:
    left, right = tokens[place - 1], tokens[place + 1]
    operator = tokens[place].text
    if left.is_name and right.what == "text":
        return Comparison(left.text, operator, (right,), len(tokens) == _PLAIN)
    if left.what == "text" and right.is_name:
        # `"fuel" in incident.cargo` says nothing about the whole list: not an equality
        written = operator if operator != "in" else "contains"
        return Comparison(right.text, written, (left,), len(tokens) == _PLAIN)
    if left.is_name and operator == "in" and right.text == "[":
        values = _listed(tokens, place + 2)
        if values is not None:
            whole = len(tokens) == 2 * len(values) + 3
            return Comparison(left.text, operator, values, whole)
    return None


def _listed(tokens: list[Token], start: int) -> tuple[Token, ...] | None:
    """Return the text literals up to the closing bracket, None when it holds anything else."""
    values: list[Token] = []
    for token in tokens[start:]:
        if token.text == "]" and token.what == "sign":
            return tuple(values)
        if token.what == "text":
            values.append(token)
        elif token.text != ",":
            return None
    return None
