"""CVAT documents, made anew or changed in place: only the bytes of tags that changed are touched."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from inference.data.formats.base import FileAnnotations, WriteOptions
from inference.data.formats.lists import positives
from inference.data.formats.reading import read_bytes
from inference.data.formats.xml_reading import parse_xml
from inference.data.image_index import ImageIndex
from inference.errors import DataError

_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UTF8: Final = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})


@dataclass
class TagSpan:
    """Where a tag stands."""

    label: str
    start: int
    end: int = 0


@dataclass
class ImageSpan:
    """Where an image stands: ``start``, the end of its opening tag, the start of its closing tag, ``end``."""

    name: str
    number: int  # its id
    start: int
    inner: int = 0
    close: int = 0
    end: int = 0
    tags: list[TagSpan] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        """Whether it is written as ``<image ... />``."""
        return self.close == self.start


def is_xml_text(text: str) -> bool:
    """Whether XML can hold every letter of a text."""
    return _NO_XML.search(text) is None


def fresh_document(annotations: FileAnnotations, rows: Iterable[int], options: WriteOptions) -> bytes:
    """A new document."""
    labels = "".join(_label(label) for label in annotations.labels)
    images = "".join(_image(annotations, row, number, options) for number, row in enumerate(rows))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n'
        f"      <labels>\n{labels}      </labels>\n    </task>\n  </meta>\n{images}</annotations>\n"
    ).encode()


def written_over(path: str, annotations: FileAnnotations, index: ImageIndex, options: WriteOptions) -> bytes:
    """The document at ``path`` with the tags that the annotations ask for. Raises DataError."""
    content, name = read_bytes(path), os.path.basename(path)
    root = parse_xml(content, name)
    spans = _Spans(content, name)
    if content[spans.root_close : spans.root_close + 2] != b"</":  # ``<annotations/>`` has nothing to keep
        return fresh_document(annotations, range(len(annotations)), options)
    known: set[str] = set(annotations.labels)
    there: set[int] = set()
    edits: list[tuple[int, int, str]] = []
    for image in spans.images:
        row = _row(image.name, index, options)
        if row < 0:
            continue
        wanted = positives(annotations, row)
        have = {tag.label for tag in image.tags}
        edits += [
            (_with_space(content, tag.start), tag.end, "")
            for tag in image.tags
            if tag.label in known and tag.label not in wanted
        ]
        if row not in there:  # of several entries about one image the first one gets what is new
            edits += _added(content, image, [label for label in wanted if label not in have])
        there.add(row)
    named = {(element.text or "").strip() for element in root.iterfind("meta//label/name")}
    new_labels = [label for label in annotations.labels if label not in named]
    if new_labels and spans.labels_close:
        place = _line_start(content, spans.labels_close)
        edits.append((place, place, "".join(map(_label, new_labels))))
    first = max((image.number for image in spans.images), default=-1) + 1
    rows = [row for row in range(len(annotations)) if row not in there]
    if rows:
        place = _line_start(content, spans.root_close)
        texts = [_image(annotations, row, first + number, options) for number, row in enumerate(rows)]
        edits.append((place, place, "".join(texts)))
    return _spliced(content, edits)


class _Spans:
    """Finds images and their tags in the bytes of a document. Raises DataError where it is not UTF-8."""

    def __init__(self, content: bytes, name: str) -> None:
        self.images: list[ImageSpan] = []
        self._content = content
        self.labels_close = 0
        self.root_close = 0
        self._path: list[tuple[str, int]] = []
        self._waiting: list[tuple[ImageSpan | TagSpan, str, int]] = []  # whose end is where the next token begins
        self._parser = parser = expat.ParserCreate()
        parser.XmlDeclHandler = self._declared(name)
        parser.StartElementHandler = self._enter
        parser.EndElementHandler = self._leave
        parser.DefaultHandler = self._pass
        parser.Parse(content, True)
        starts = [image.start for image in self.images]
        if any(content[start : start + 1] != b"<" for start in starts) or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise _not_utf8(name)

    def _declared(self, name: str) -> Callable[[str, str | None, int], None]:
        def check(version: str, encoding: str | None, standalone: int) -> None:
            if (encoding or "").lower() not in _UTF8:
                raise _not_utf8(name)

        return check

    def _settle(self) -> None:
        place = self._parser.CurrentByteIndex
        for span, what, start in self._waiting:
            if place > start:
                setattr(span, what, place)
        self._waiting = [entry for entry in self._waiting if place <= entry[2]]

    def _enter(self, tag: str, attributes: dict[str, str]) -> None:
        self._settle()
        place = self._parser.CurrentByteIndex
        if tag == "image" and len(self._path) == 1:
            number = attributes.get("id", "")
            is_number = number.isascii() and number.isdecimal() and len(number) < 18
            image = ImageSpan(attributes.get("name", ""), int(number) if is_number else -1, place)
            self.images.append(image)
            self._waiting.append((image, "inner", place))
        elif tag == "tag" and len(self._path) == 2 and self._path[-1][0] == "image":
            self.images[-1].tags.append(TagSpan(attributes.get("label", "").strip(), place))
        self._path.append((tag, place))

    def _leave(self, tag: str) -> None:
        self._settle()
        place = self._parser.CurrentByteIndex
        start = self._path.pop()[1]
        is_short = self._content[place : place + 2] != b"</" or place == start  # ``<tag/>``: told at its end
        span: ImageSpan | TagSpan | None = None
        if tag == "image" and len(self._path) == 1:
            span = self.images[-1]
            span.close = start if is_short else place
        elif tag == "tag" and len(self._path) == 2 and self._path[-1][0] == "image":
            span = self.images[-1].tags[-1]
        elif tag == "labels" and not is_short:
            self.labels_close = self.labels_close or place
        if span is not None and is_short and place > start:
            span.end = place
        elif span is not None:
            self._waiting.append((span, "end", place))
        if not self._path:
            self.root_close = place

    def _pass(self, _: str) -> None:
        self._settle()


def _not_utf8(name: str) -> DataError:
    return DataError(f"{name} is not UTF-8 and cannot be changed in place: save it as UTF-8, or write a new file.")


def _row(name: str, index: ImageIndex, options: WriteOptions) -> int:
    if not name.strip() or "\0" in name:
        return -1
    row = index.find(name)
    return row if row >= 0 else index.find(name.removeprefix(options.path_prefix) or name)


def _added(content: bytes, image: ImageSpan, labels: Sequence[str]) -> list[tuple[int, int, str]]:
    if not labels:
        return []
    tags = "".join(f"\n    {_tag(label)}" for label in labels)
    if image.is_short:
        slash = content.rindex(b"/", image.start, image.end)
        return [(slash, image.end, f">{tags}\n  </image>")]
    inner = content[image.inner : image.close]
    place = image.inner + len(inner.rstrip())
    return [(place, place, tags + ("" if inner[len(inner.rstrip()) :] else "\n  "))]


def _with_space(content: bytes, start: int) -> int:
    """Where the white space before a tag begins, so that no empty line stays behind."""
    return len(content[:start].rstrip())


def _line_start(content: bytes, place: int) -> int:
    """The start of the line of ``place`` where nothing but space stands before it there, else ``place``."""
    begin = content.rfind(b"\n", 0, place) + 1
    return begin if not content[begin:place].strip() else place


def _spliced(content: bytes, edits: Sequence[tuple[int, int, str]]) -> bytes:
    parts, place = [], 0
    for start, end, text in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        begin = max(start, place)
        parts += [content[place:begin], text.encode()]
        place = max(end, place)
    return b"".join([*parts, content[place:]])


def _image(annotations: FileAnnotations, row: int, number: int, options: WriteOptions) -> str:
    part = annotations.parts[row] if annotations.parts else ""
    subset = f" subset={quoteattr(part)}" if part and is_xml_text(part) else ""
    name = quoteattr(options.path_prefix + annotations.images[row])
    tags = "".join(f"    {_tag(label)}\n" for label in positives(annotations, row))
    return f'  <image id="{number}" name={name}{subset}>\n{tags}  </image>\n'


def _tag(label: str) -> str:
    return f'<tag label={quoteattr(_visible(label))} source="manual"></tag>'


def _label(label: str) -> str:
    return f"        <label><name>{escape(_visible(label))}</name><type>tag</type></label>\n"


def _visible(label: str) -> str:
    """With a sign in place of each letter that XML cannot hold."""
    return _NO_XML.sub("\ufffd", label)
