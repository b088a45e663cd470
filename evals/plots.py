"""The places of everything in the plots of the report, in the units of an SVG 360 wide.

Knows numbers and places; the drawing is the template's, the figures are made elsewhere.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.figures import Figure

WIDTH = 360
LEFT, RIGHT = 112, 288
"""Where the bars begin and end; names stand before, values behind."""
ROW = 26
FRAME = (44.0, 12.0, 344.0, 190.0)
"""Left, top, right and bottom of a plot with two axes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A share with its interval in one line."""

    label: str
    told: str
    y: int
    end: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: float
    y: float
    low: float
    high: float
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """A plot with two axes: a line, dots, or columns."""

    line: str = ""
    """Points of a polyline."""
    dots: tuple[Dot, ...] = ()
    columns: tuple[tuple[float, float, float, float, str], ...] = ()
    """Left, top, width, height, and what it tells."""
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def bars(made: Mapping[str, Figure]) -> tuple[Bar, ...]:
    """One line for each figure that has cases."""
    held = [(name, figure) for name, figure in made.items() if figure.value is not None]
    return tuple(
        Bar(
            label=name,
            told=f"{figure.value:.0%}",
            y=ROW * number,
            end=_across(figure.value or 0.0),
            low=_across(figure.interval[0]),
            high=_across(figure.interval[1]),
            n=figure.n,
        )
        for number, (name, figure) in enumerate(held)
    )


def interval(figure: Figure, width: float = 200.0) -> tuple[float, float, float]:
    """Value, low and high of a share on a line of that width."""
    return tuple(round(width * max(0.0, min(1.0, v)), 1) for v in (figure.value or 0.0, *figure.interval))  # type: ignore[return-value]


def risk_plane(curve: Sequence[tuple[float, float]]) -> Plane:
    """Share answered against share wrong; the upper end of the axis is the least round one that fits."""
    top = _roof(max((risk for _, risk in curve), default=0.0))
    points = " ".join(f"{_x(at):.1f},{_y(risk / top):.1f}" for at, risk in curve)
    return Plane(line=points, across=_percents(1.0, _x), up=_percents(top, lambda share: _y(share / top)))


def calibration_plane(bins: Sequence[tuple[float, Figure]]) -> Plane:
    """Confidence against share right, with the diagonal on which both are equal."""
    dots = tuple(
        Dot(
            x=_x(sure),
            y=_y(figure.value or 0.0),
            low=_y(figure.interval[0]),
            high=_y(figure.interval[1]),
            told=f"{figure.n} answers, on average {sure:.0%} sure, {figure.value:.0%} right",
        )
        for sure, figure in bins
    )
    diagonal = f"{_x(0):.1f},{_y(0):.1f} {_x(1):.1f},{_y(1):.1f}"
    return Plane(line=diagonal, dots=dots, across=_percents(1.0, _x), up=_percents(1.0, _y))


def time_plane(seconds: Sequence[float], most: int = 16) -> Plane:
    """How many answers took how long; the axis ends at a round number of seconds."""
    longest = max(seconds, default=0.0)
    step = _step(longest / most) if longest else 1.0
    count = max(1, math.floor(longest / step) + 1)
    sizes = [0] * count
    for each in seconds:
        sizes[min(count - 1, int(each / step))] += 1
    tallest = max([*sizes, 1])
    columns = tuple(
        (
            _x(number / count) + 1,
            _y(size / tallest),
            (_x(1) - _x(0)) / count - 2,
            _y(0) - _y(size / tallest),
            f"{step * number:g} to {step * (number + 1):g} s: {size} answers",
        )
        for number, size in enumerate(sizes)
    )
    shown = sorted({0, count // 2, count})
    across = tuple(Tick(at=_x(at / count), label=f"{step * at:g} s") for at in shown)
    return Plane(
        columns=columns, across=across, up=(Tick(at=_y(0), label="0"), Tick(at=_y(1), label=str(tallest)))
    )


def _across(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * max(0.0, min(1.0, share)), 1)


def _x(share: float) -> float:
    return round(FRAME[0] + (FRAME[2] - FRAME[0]) * share, 1)


def _y(share: float) -> float:
    return round(FRAME[3] - (FRAME[3] - FRAME[1]) * share, 1)


def _percents(top: float, place: object) -> tuple[Tick, ...]:
    assert callable(place)
    return tuple(Tick(at=place(top * part / 4), label=f"{top * part / 4:.0%}") for part in (0, 2, 4))


def _roof(highest: float) -> float:
    return next((roof for roof in (0.1, 0.2, 0.4, 0.6, 0.8) if highest <= roof), 1.0)


def _step(least: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
