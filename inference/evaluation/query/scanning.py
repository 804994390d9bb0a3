"""A reader that goes through a query's text from left to right."""

from __future__ import annotations

import re
from typing import Final

from inference.types.querying import QuerySyntaxError

_KEY: Final = re.compile(r"[A-Za-z]+")
_NUMBER: Final = re.compile(r"[-+]?(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_COMPARISON: Final = re.compile(r">=|<=|=|>|<|≥|≤")
_SAME: Final = {"≥": ">=", "≤": "<="}
ENDS_TEXT: Final = frozenset("()|")
ENDS_LABEL: Final = frozenset("()|<>=≥≤")
QUOTE: Final = '"'


class Scanner:
    """Where in the text the reading is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip_space(self) -> None:
        """Go to the next character that is none."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    @property
    def here(self) -> str:
        """The character at hand, "" at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> bool:
        """Whether the text goes on like this; if so it is passed."""
        if not self.text.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def peek_key(self) -> str:
        """The letters from here on, and nothing if there are none."""
        found = _KEY.match(self.text, self.at)
        return found.group() if found else ""

    def take_word(self, word: str) -> bool:
        """Whether this word, in any case, stands here by itself; if so it is passed."""
        if not self.at_word(word):
            return False
        self.at += len(word)
        return True

    def at_word(self, word: str) -> bool:
        """Whether this word, in any case, stands here by itself."""
        end = self.at + len(word)
        after = self.text[end : end + 1]
        return self.text[self.at : end].lower() == word and (after == "" or after.isspace() or after in "()|")

    def comparison(self) -> str:
        """One of < <= = >= >, or "" where there is none."""
        found = _COMPARISON.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return _SAME.get(found.group(), found.group())

    def number(self) -> float | None:
        """A number, of which one with a percent sign is a hundredth; None where there is none."""
        found = _NUMBER.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        value = float(found.group())
        return value / 100 if self.take("%") else value

    def value(self, ends: frozenset[str]) -> tuple[str, bool]:
        """Text up to white space or one of the ends, or in quotes; and whether it was in quotes.

        Raises:
            QuerySyntaxError: the closing quote is missing.
        """
        if self.here == QUOTE:
            return self._quoted(), True
        start = self.at
        while self.here and not self.here.isspace() and self.here not in ends:
            self.at += 1
        return self.text[start : self.at], False

    def _quoted(self) -> str:
        start = self.at
        self.at += 1
        found: list[str] = []
        while self.here:
            if self.take(QUOTE):
                return "".join(found)
            if self.here == "\\" and self.text[self.at + 1 : self.at + 2] in (QUOTE, "\\"):
                self.at += 1
            found.append(self.here)
            self.at += 1
        raise QuerySyntaxError(
            "A quote is opened and not closed.", start, f"Put {QUOTE} after the name.", len(self.text) - start
        )


def quoted(text: str, ends: frozenset[str]) -> str:
    """The text as `Scanner.value` reads it back: in quotes where it must be."""
    plain = text and QUOTE not in text and not any(c.isspace() or c in ends for c in text)
    if plain:
        return text
    return QUOTE + text.replace("\\", "\\\\").replace(QUOTE, "\\" + QUOTE) + QUOTE
