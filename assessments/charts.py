"""The geometry of the result's radar. Pure: numbers in, coordinates out; templates draw.

The drawing lives in a square around (0, 0) with radius 100; one axis per role, the first
straight up and the rest clockwise.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One role: where its line ends, where its name and score stand beside that, and its dot."""

    name: str
    points: int | None
    x: str
    y: str
    label_x: str
    label_dy: str
    dot_x: str
    dot_y: str


@dataclass(frozen=True, kw_only=True)
class Radar:
    """`rings` are the tiers' outer borders as polygons, innermost first; `shape` is the result.

    When a role has no score the shape would say 0 there: it is whole only without such roles.
    """

    rings: tuple[str, ...]
    axes: tuple[Axis, ...]
    shape: str
    is_whole: bool


def build_radar(
    *, names: Sequence[str], points: Sequence[int | None], tiers: Sequence[int]
) -> Radar:
    """`points` are 0-100, None for a role without a score, which is drawn in the middle."""
    angles = _get_angles(len(names))
    corners = [_get_point(angle, each or 0) for angle, each in zip(angles, points, strict=True)]
    return Radar(
        rings=tuple(
            _join([_get_point(angle, radius) for angle in angles]) for radius in (*tiers, 100)
        ),
        axes=tuple(
            _build_axis(name, each, angle, corner)
            for name, each, angle, corner in zip(names, points, angles, corners, strict=True)
        ),
        shape=_join(corners),
        is_whole=None not in points,
    )


def build_shape(points: Sequence[int]) -> str:
    """A second result as a polygon on the same radar."""
    angles = _get_angles(len(points))
    return _join([_get_point(angle, each) for angle, each in zip(angles, points, strict=True)])


def build_radar_of(test: Mapping[str, Any], points: Sequence[int | None]) -> Radar:
    """The radar of a localised test document, `points` in the order of its roles."""
    return build_radar(
        names=[role["name"] for role in test["roles"]],
        points=points,
        tiers=(test["tiers"]["developing_from"], test["tiers"]["strong_from"]),
    )


def _build_axis(name: str, points: int | None, angle: float, dot: tuple[float, float]) -> Axis:
    end = _get_point(angle, 100)
    return Axis(
        name=name,
        points=points,
        x=_format(end[0]),
        y=_format(end[1]),
        # Two lines, name and score: above the topmost end, below and outside of the others.
        label_x=_format(1.17 * end[0]),
        label_dy="-27" if end[1] < -99 else "22" if end[1] > 99 else "30",
        dot_x=_format(dot[0]),
        dot_y=_format(dot[1]),
    )


def _get_angles(count: int) -> list[float]:
    return [2 * math.pi * place / count - math.pi / 2 for place in range(count)]


def _get_point(angle: float, radius: float) -> tuple[float, float]:
    return radius * math.cos(angle), radius * math.sin(angle)


def _join(corners: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_format(x)},{_format(y)}" for x, y in corners)


def _format(number: float) -> str:
    """One decimal, and always with a point: a localised comma would break the drawing."""
    return f"{number + 0.0:.1f}".replace("-0.0", "0.0")
