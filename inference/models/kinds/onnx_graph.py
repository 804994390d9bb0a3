"""What an ONNX file says of itself, read from its bytes: which files it is made of and what its last node does.

onnxruntime runs a graph but shows neither, and both are wanted before it runs. An ONNX file is a protocol buffer
(https://protobuf.dev/programming-guides/encoding); the few fields that are read here are numbered as in onnx.proto.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inference.errors import WeightsError

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_DEEPEST: Final = 16  # graphs inside the branches of If and Loop

# Nodes that hand on what they are given, with another shape or type at most.
_HANDING_ON: Final = frozenset({"Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})


@dataclass(frozen=True)
class Node:
    """One operation of the graph."""

    operator: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class OnnxFile:
    """The graph's nodes in order, and the other files in which weights stand, as the file names them."""

    nodes: tuple[Node, ...]
    locations: tuple[str, ...]

    def last(self, output: str) -> Node | None:
        """The node that makes ``output``, past those that only hand it on; None where none does."""
        makers = {name: node for node in self.nodes for name in node.outputs}
        node = makers.get(output)
        for _ in self.nodes:  # a graph that runs in a circle ends the walk too
            if node is None or node.operator not in _HANDING_ON or not node.inputs:
                break
            node = makers.get(node.inputs[0])
        return node


def read_graph(path: Path) -> OnnxFile:
    """The nodes and further files of an ONNX file. Raises WeightsError where it is damaged."""
    try:
        with path.open("rb") as file:
            # Not closed by hand: an error's traceback may still hold slices of it, and then closing it would fail.
            return _read(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}.", detail=str(error)) from None
    except ValueError as error:
        raise WeightsError(
            f"{path} is no ONNX model, or a damaged one: copy or export it again.", detail=str(error)
        ) from None


def _read(whole: memoryview) -> OnnxFile:
    nodes: list[Node] = []
    locations: dict[str, None] = {}
    for field, value in _messages(whole):
        if field == 7:  # graph
            nodes += [_node(part) for number, part in _messages(value) if number == 1]
            locations |= dict.fromkeys(_locations_in_graph(value, 0))
        elif field == 25:  # functions
            locations |= dict.fromkeys(_locations_in_nodes(value, 7, 0))
    return OnnxFile(tuple(nodes), tuple(locations))


def _node(message: memoryview) -> Node:
    texts: dict[int, list[str]] = {1: [], 2: [], 3: [], 4: []}
    for field, value in _messages(message):
        if field in texts:
            texts[field].append(_text(value))
    return Node("".join(texts[4]), "".join(texts[3]), tuple(texts[1]), tuple(texts[2]))


def _locations_in_graph(graph: memoryview, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ValueError("graphs stand too deep in each other")
    yield from _locations_in_nodes(graph, 1, depth)
    for field, value in _messages(graph):
        if field == 5:  # initializer
            yield from _location(value)
        elif field == 15:  # sparse_initializer: values and indices
            yield from (place for _, tensor in _messages(value) for place in _location(tensor))


def _locations_in_nodes(message: memoryview, number: int, depth: int) -> Iterator[str]:
    """Further files named by constants and inner graphs; nodes are the message's fields of that ``number``."""
    for field, node in _messages(message):
        if field != number:
            continue
        for attribute in (value for inner, value in _messages(node) if inner == 5):
            for inner, value in _messages(attribute):
                if inner in (5, 10):  # a tensor, several
                    yield from _location(value)
                elif inner in (6, 11):  # a graph, several
                    yield from _locations_in_graph(value, depth + 1)


def _location(tensor: memoryview) -> Iterator[str]:
    for field, value in _messages(tensor):
        if field == 13:  # external_data, pairs of key and value
            pair = {inner: _text(text) for inner, text in _messages(value)}
            if pair.get(1) == "location":
                yield pair.get(2, "")


def _text(value: memoryview) -> str:
    return bytes(value).decode("utf-8")


def _messages(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    return ((field, value) for field, value in _fields(message) if isinstance(value, memoryview))


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Each field's number and value. Raises ValueError where the bytes are no protocol buffer."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {kind} at byte {at}")
        if at + length > len(message):
            raise ValueError(f"a field of {length:,} bytes begins at byte {at:,} of {len(message):,}")
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64 and at < len(message):
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError(f"a number is cut off at byte {at:,}")
