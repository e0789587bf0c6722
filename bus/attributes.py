"""The SMART columns of a public file: which a row fills, and their numbers.

Most of a row's 80 to 180 columns are empty, and the rows of a model fill the same ones: what to
make of the filled ones is worked out once for each such shape.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from typing import Any

MAX_NUMBER = 2**63 - 1
"""SMART's raw values have 48 bits; what does not fit in 64 is no value."""
MAX_SHAPES = 10_000
"""Ways in which rows fill their columns (a few hundred in 13 years); garbage makes more."""

Smart = dict[int, tuple[int | None, int | None]]
"""Of each attribute the normalized and the raw value."""

_COLUMN = re.compile(r"smart_(\d{1,3})_(normalized|raw)")
_Pick = Callable[[Sequence[Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which attributes a row fills, and where their values stand among its filled fields.

    The pickers are given the row's numbers with a None after them, for what is not there.
    """

    ids: tuple[int, ...]
    normalized: _Pick
    raw: _Pick
    told: _Pick


class AttributeReader:
    """Reads the SMART columns of rows with one header."""

    def __init__(self, columns: Mapping[str, int], *, told: Sequence[int]) -> None:
        """`columns` says where each stands; `told` are the attributes whose raw value is asked."""
        found = {name: match for name in columns if (match := _COLUMN.fullmatch(name))}
        self._names = [(int(match[1]), match[2] == "raw") for match in found.values()]
        self._take = _taker([columns[name] for name in found])
        self._numbered = range(len(found))
        self._told = told
        self._shapes: dict[tuple[int, ...], _Shape] = {}

    def read(self, row: list[str]) -> tuple[Smart, tuple[int | None, ...]]:
        """What the row fills, and the raw values of the attributes that were asked, in order."""
        fields = self._take(row)
        filled = tuple(compress(self._numbered, fields))
        shape = self._shapes.get(filled) or self._learn(filled)
        numbers = _parse_numbers(fields)
        numbers.append(None)
        pairs = zip(shape.normalized(numbers), shape.raw(numbers), strict=True)
        return dict(zip(shape.ids, pairs, strict=True)), shape.told(numbers)

    def _learn(self, filled: tuple[int, ...]) -> _Shape:
        if len(self._shapes) >= MAX_SHAPES:
            self._shapes.clear()
        shape = _shape([self._names[number] for number in filled], self._told)
        self._shapes[filled] = shape
        return shape


def picker(indices: Sequence[int]) -> _Pick:
    """A function that takes these elements of a sequence, always as a tuple."""
    if len(indices) > 1:
        return itemgetter(*indices)
    return lambda row: tuple(row[index] for index in indices)


def _taker(indices: Sequence[int]) -> Callable[[list[str]], Sequence[str]]:
    """Like `picker`; one slice where the columns stand side by side, which is much faster."""
    if indices and list(indices) == list(range(indices[0], indices[-1] + 1)):
        return itemgetter(slice(indices[0], indices[-1] + 1))
    return picker(indices)


def parse_number(text: str) -> int | None:
    """A whole number within 64 bits, also one written as 25.0; None for anything else."""
    try:
        number = int(text)
    except ValueError:
        decimal = _parse_decimal(text)
        if decimal is None:
            return None
        number = int(decimal)
    return number if -MAX_NUMBER <= number <= MAX_NUMBER else None


def _parse_decimal(text: str) -> float | None:
    try:
        decimal = float(text)
    except ValueError:
        return None
    return decimal if math.isfinite(decimal) else None


def _parse_numbers(fields: Sequence[str]) -> list[int | None]:
    """The numbers of the fields that are filled, in order."""
    filled = [field for field in fields if field]
    try:
        numbers = [int(field) for field in filled]
    except ValueError:
        return [parse_number(field) for field in filled]
    if numbers and (max(numbers) > MAX_NUMBER or min(numbers) < -MAX_NUMBER):
        return [parse_number(field) for field in filled]
    return [*numbers]


def _shape(filled: Sequence[tuple[int, bool]], told: Sequence[int]) -> _Shape:
    at = {column: position for position, column in enumerate(filled)}
    ids = tuple(dict.fromkeys(attribute for attribute, _ in filled))
    return _Shape(
        ids=ids,
        normalized=picker([at.get((attribute, False), -1) for attribute in ids]),
        raw=picker([at.get((attribute, True), -1) for attribute in ids]),
        told=picker([at.get((attribute, True), -1) for attribute in told]),
    )
