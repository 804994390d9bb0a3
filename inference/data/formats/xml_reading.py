"""Reading XML of unknown make: no document types, so that no entity can be declared, and no deep nesting."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

from inference.errors import LabelFileError

_DEEPEST: Final = 100


def parse_xml(content: bytes, name: str) -> ElementTree.Element:
    """The root element. Raises LabelFileError, with the line."""
    _check(content, name)
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise LabelFileError(f"{name} is no valid XML: write it again.", detail=str(error)) from error


def text_under(element: ElementTree.Element, tag: str) -> str:
    """The stripped text of the first child with this tag; "" where there is none."""
    return (element.findtext(tag) or "").strip()


def _check(content: bytes, name: str) -> None:
    """Refuse what is no XML, declares a document type (entities multiply: a small file fills the memory) or is deep."""
    parser = expat.ParserCreate()
    depth = 0

    def refuse(*_: object) -> None:
        raise LabelFileError(f"{name} declares a document type, which is not read: remove the DOCTYPE line.")

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            line = parser.CurrentLineNumber
            raise LabelFileError(
                f"{name} is nested too deeply in line {line:,} to be an annotation file: choose another."
            )

    def leave(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", 1)
        raise LabelFileError(f"{name} is no valid XML in line {line:,}: write it again.", detail=str(error)) from error
