"""Colours: text that can be read, marks that differ without their hue (a gray copy, a poor lamp)."""

from __future__ import annotations

import itertools
from pathlib import Path
from urllib.parse import quote

import pytest

from qmg_dash import theme

THEMES = {"light": theme.LIGHT, "dark": theme.DARK}


def linear(channel: int) -> float:
    """A channel of sRGB as light."""
    c = channel / 255
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def light(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)


def contrast(a: str, b: str) -> float:
    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def gray(colour: str) -> float:
    """How light a gray copy is, 0-1 (the lightness L* of CIE 1976)."""
    y = light(colour)
    return 1.16 * y ** (1 / 3) - 0.16 if y > 0.008856 else 9.033 * y


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ink", ["ink", "ink2", "accent", "warn", "bad", "demo"])
@pytest.mark.parametrize("ground", ["bg", "card"])
def test_text_stands_out_from_every_ground(name: str, ink: str, ground: str) -> None:
    assert contrast(THEMES[name][ink], THEMES[name][ground]) >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("mark", ["accent", "mark", "warn", "bad"])
def test_marks_stand_out_from_their_panel(name: str, mark: str) -> None:
    assert contrast(THEMES[name][mark], THEMES[name]["card"]) >= 3


@pytest.mark.parametrize("name", THEMES)
def test_neighbouring_marks_differ_in_a_gray_copy(name: str) -> None:
    """The mark that the title speaks of lies among the others."""
    tokens = THEMES[name]
    assert abs(gray(tokens["accent"]) - gray(tokens["mark"])) >= 0.2


@pytest.mark.parametrize("name", THEMES)
def test_each_step_of_the_shades_is_darker_or_lighter_than_the_last(name: str) -> None:
    steps = [gray(c) for c in theme.RAMPS[name]]
    moves = [b - a for a, b in itertools.pairwise(steps)]
    assert all(m < 0 for m in moves) or all(m > 0 for m in moves)
    assert min(map(abs, moves)) >= 0.08


@pytest.mark.parametrize("name", THEMES)
def test_the_demos_mark_has_the_demos_colour(name: str) -> None:
    """It is a picture in the style sheet, where no variable reaches."""
    sheet = (Path(__file__).parents[1] / "static/page.css").read_text(encoding="utf-8")
    where = ":root.dark { --demo-mark" if name == "dark" else ":root { --demo-mark"
    line = next(said for said in sheet.splitlines() if said.startswith(where))
    assert quote(THEMES[name]["demo"]) in line
