"""What the style sheets say of each element of a slide, for one screen: lengths in pixels.

They are read with tinycss2 and matched with cssselect2. What only another screen, paper or a pointer
asks for is left out once, when they are read; what a container's width asks for is decided element by
element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import cssselect2
import tinycss2
from tinycss2.color4 import parse_color

from qmg_dash import theme

WIDTH, HEIGHT = 1920.0, 1080.0
"""The wall that a slide is laid out for, in pixels."""
REM = HEIGHT / theme.ROWS
UNITS = {"px": 1.0, "rem": REM, "vw": WIDTH / 100, "vh": HEIGHT / 100, "vmax": WIDTH / 100}
SIDES = ("top", "right", "bottom", "left")
INHERITED = (
    "color",
    "font-size",
    "font-weight",
    "line-height",
    "text-align",
    "text-indent",
    "white-space",
    "overflow-wrap",
    "visibility",
    "fill",
    "stroke",
)
BROWSER = """
:is(html, body, section, main, div, p, h1, h2, h3, ul, ol, li, dl, dt, dd, details, summary) { display: block; }
table { display: table; } :is(thead, tbody, tr) { display: contents; } :is(td, th) { display: block; vertical-align: middle; }
:is(h1, h2, h3, th) { font-weight: 700; } th { text-align: center; } td, th { padding: 1px; }
:is(script, style, button.more, .fold, .pop) { display: none; } svg { display: block; }
"""
"""What a browser says by itself; and what stays off a slide of PowerPoint, where nothing opens."""
Style = Mapping[str, str]


class _Rule(NamedTuple):
    """Declarations, and the least and the most width in pixels of the container they are for."""

    said: tuple[tuple[str, str, bool], ...]
    least: float
    most: float


KEPT = 4096
"""Texts of styles that are remembered as they were read."""
ANY = float("inf")


@dataclass(frozen=True)
class Sheets:
    """Style sheets, ready to be asked."""

    matcher: Any

    def style(self, element: Any, parent: Style, room: float | None) -> Style:
        """The style of an element (cssselect2's) under its parent's, its container being `room`
        pixels wide (None: not known yet, and it asks for nothing)."""
        found = [(False, (-1, 0, 0), i, d) for i, d in enumerate(_inherited(parent))]
        for specificity, order, pseudo, rule in self.matcher.match(element):
            fits = rule.most == ANY and not rule.least
            if not pseudo and (fits or (room and rule.least <= room <= rule.most)):
                found += [(d[2], specificity, order, d[:2]) for d in rule.said]
        own = element.etree_element.get("style") or ""
        found += [(d[2], (9, 0, 0), 0, d[:2]) for d in _declared(own)]
        return _computed([d for *_, d in sorted(found, key=lambda f: f[:3])], parent)


def read(*sheets: str) -> Sheets:
    """Style sheets in their order, behind what a browser says by itself."""
    matcher = cssselect2.Matcher()
    for sheet in (BROWSER, *sheets):
        for selectors, rule in _rules(tinycss2.parse_stylesheet(sheet, True, True), "", 0, ANY):
            try:
                for selector in cssselect2.compile_selector_list(_nested(selectors)):
                    matcher.add_selector(selector, rule)
            except cssselect2.SelectorError:
                continue  # a pseudo-element of one browser: nothing that a slide shows
    return Sheets(matcher)


def _nested(selector: str) -> str:
    """A selector with `:has(> a b)` as `:has(> a:has(b))`: cssselect2 looks for the last alone."""
    start = selector.find(":has(")
    if start < 0:
        return selector
    end = _closed(selector, start + 5)
    inside = [_chained(_parts(part.strip())) for part in _parts(selector[start + 5 : end - 1], ",")]
    return f"{selector[:start]}:has({','.join(inside)}){_nested(selector[end:])}"


def _chained(words: Sequence[str]) -> str:
    """`> a > b` as `> a:has(> b)`."""
    many = 2 if words[0] in ">+~" else 1
    head, rest = " ".join(words[:many]), words[many:]
    return f"{head}:has({_chained(rest)})" if rest else head


def _closed(text: str, start: int) -> int:
    """Where the bracket ends that was opened before `start`."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[start], 0)
        start += 1
    return start


def _rules(nodes: Sequence, above: str, least: float, most: float) -> Iterator[tuple[str, _Rule]]:
    """Every rule that may hold on this wall, the nested ones under the selector of theirs."""
    for node in nodes:
        if node.type == "at-rule" and node.content is not None:
            asked = _serial(node.prelude)
            ends = _ends(asked)
            inner = tinycss2.parse_blocks_contents(node.content, True, True)
            if node.at_keyword == "container":
                yield from _rules(inner, above, *ends["width"])
            elif node.at_keyword == "media" and "print" not in asked and _holds(ends):
                yield from _rules(inner, above, least, most)
        elif node.type == "qualified-rule":
            selector = _serial(node.prelude)
            selector = selector.replace("&", f":is({above})") if above else selector
            inner = tinycss2.parse_blocks_contents(node.content, True, True)
            said = _said(inner)
            if said:
                yield selector, _Rule(said, least, most)
            yield from _rules([n for n in inner if n.type != "declaration"], selector, least, most)


def _ends(asked: str) -> dict[str, tuple[float, float]]:
    """The least and the most of what a query asks: widths in pixels, the shape as width / height."""
    ends = {"width": (0.0, ANY), "aspect-ratio": (0.0, ANY)}
    for end, what, value in re.findall(r"(min|max)-(width|aspect-ratio): *([^)]+)", asked):
        low, high = ends[what]
        across, _, up = value.partition("/")
        size = float(across) / float(up) if up else _length(value, REM).real
        ends[what] = (size, high) if end == "min" else (low, size)
    return ends


def _holds(ends: Mapping[str, tuple[float, float]]) -> bool:
    here = {"width": WIDTH, "aspect-ratio": WIDTH / HEIGHT}
    return all(low <= here[what] <= high for what, (low, high) in ends.items())


@lru_cache(KEPT)
def _declared(text: str) -> tuple[tuple[str, str, bool], ...]:
    return _said(tinycss2.parse_blocks_contents(text, True, True))


def _said(nodes: Sequence) -> tuple[tuple[str, str, bool], ...]:
    declared = (n for n in nodes if n.type == "declaration")
    return tuple((n.name, _serial(n.value), n.important) for n in declared)


def _serial(tokens: Sequence) -> str:
    return " ".join(tinycss2.serialize(tokens).split())


# ---- the cascade ----------------------------------------------------------------------------------
def _inherited(parent: Style) -> Iterator[tuple[str, str]]:
    yield from ((k, v) for k, v in parent.items() if k in INHERITED or k.startswith("--"))


def _computed(declared: Sequence[tuple[str, str]], parent: Style) -> Style:
    """Declarations in the order in which they win, as values: variables filled in, lengths in
    pixels, shorthands taken apart."""
    own = {k: v for k, v in declared if k.startswith("--")}
    found: dict[str, str] = {k: _filled(v, own) for k, v in own.items()}
    long: dict[str, str] = {}
    for name, value in declared:
        if not name.startswith("--") and (filled := _filled(value, found)) is not None:
            long.update(_long(name, filled))
    above = float(parent.get("font-size", f"{REM}").removesuffix("px"))
    size = long.get("font-size", f"{above}px")
    em = above if size == "inherit" else _length(size, above, above).real
    for name, value in long.items():
        if value == "inherit":
            value = parent.get(name, "")
        found[name] = value if name == "line-height" else _pixels(value, em)
    found["font-size"] = f"{em:g}px"
    height = found.get("line-height", "1.6")
    found["line-height"] = height if _number(height) else _pixels(height, em)
    return found


def _number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.]+", text))


def _filled(value: str, known: Mapping[str, str]) -> str | None:
    """A value with its variables filled in; None where one is not known."""
    while (start := value.find("var(")) >= 0:
        end = _closed(value, start + 4)
        name, _, otherwise = value[start + 4 : end - 1].partition(",")
        said = known.get(name.strip(), otherwise.strip())
        if not said:
            return None
        value = value[:start] + said + value[end:]
    return value


@lru_cache(KEPT)
def _pixels(value: str, em: float) -> str:
    """A value with every length in pixels and every sum worked out."""
    return " ".join(_plain(t, em) for t in _parts(value))


def _plain(value: str, em: float) -> str:
    unit = re.fullmatch(r"-?[\d.]+([a-z]+)", value)
    if (unit and unit[1] in (*UNITS, "em")) or re.match(r"(calc|min|max)\(", value):
        size = _length(value, em)
        # To 1/64, as browsers do, and so that Taffy adds them exactly.
        pixels = f"{round(size.real * 64) / 64:.8g}px"
        return f"{size.imag:g}%" + (f"+{pixels}" if size.real else "") if size.imag else pixels
    inside = re.fullmatch(r"(repeat|minmax|translate[XY]?)\((.*)\)", value)
    if not inside:
        return value
    parts = (_pixels(part.strip(), em) for part in _parts(inside[2], ","))
    return f"{inside[1]}({','.join(parts)})"


def _parts(value: str, between: str = " ") -> list[str]:
    """The parts of a value, what stands in brackets or quotes in one piece."""
    parts, depth = [""], 0
    for c in value:
        depth += {"(": 1, ")": -1}.get(c, 0)
        if c == between and not depth:
            parts.append("")
        else:
            parts[-1] += c
    return [p for p in parts if p]


def _length(text: str, em: float, whole: float | None = None) -> complex:
    """A length: pixels, and as the imaginary part percent (of `whole`, where that is known)."""
    return _sum(tinycss2.parse_component_value_list(text), em, whole)


def _sum(tokens: Sequence, em: float, whole: float | None) -> complex:
    """What a calculation comes to, products before sums."""
    terms: list[complex] = []
    sign, times = 1.0, "+"
    for token in tokens:
        if token.type == "whitespace":
            continue
        if token.type == "literal":
            sign, times = (-1.0 if token.value == "-" else 1.0), token.value
            continue
        value = sign * _one(token, em, whole)
        if times in "*/" and terms:
            terms[-1] = terms[-1] * value if times == "*" else terms[-1] / value
        else:
            terms.append(value)
    return sum(terms, 0j)


def _one(token: Any, em: float, whole: float | None) -> complex:
    match token.type:
        case "number":
            return complex(token.value)
        case "percentage":
            return complex(0, token.value) if whole is None else token.value / 100 * whole + 0j
        case "dimension":
            return complex(token.value * (em if token.unit == "em" else UNITS[token.unit]))
        case "() block":
            return _sum(token.content, em, whole)
    if token.name in ("min", "max"):
        split = _parts(tinycss2.serialize(token.arguments), ",")
        choose = min if token.name == "min" else max
        return choose((_length(part, em, whole) for part in split), key=lambda v: v.real)
    return _sum(token.arguments, em, whole)


# ---- shorthands -----------------------------------------------------------------------------------
def _long(name: str, value: str) -> dict[str, str]:
    """A declaration as those that it stands for."""
    parts = _parts(value)
    first, *_ = parts
    match name:
        case "margin" | "padding":
            return {f"{name}-{s}": v for s, v in zip(SIDES, _four(parts), strict=True)}
        case "inset":
            return dict(zip(SIDES, _four(parts), strict=True))
        case "margin-inline" | "padding-inline" | "margin-block" | "padding-block":
            what, _, along = name.partition("-")
            ends = ("left", "right") if along == "inline" else ("top", "bottom")
            return {f"{what}-{ends[0]}": first, f"{what}-{ends[1]}": parts[-1]}
        case "border" | "border-top" | "border-right" | "border-bottom" | "border-left":
            sides = SIDES if name == "border" else (name.removeprefix("border-"),)
            return {f"border-{s}-{k}": v for s in sides for k, v in _border(parts).items()}
        case "border-color" | "border-width" | "border-style":
            kind = name.removeprefix("border-")
            return {f"border-{s}-{kind}": v for s, v in zip(SIDES, _four(parts), strict=True)}
        case "flex":
            return _flex(parts)
        case "flex-flow":
            return {"flex-direction": first, "flex-wrap": parts[-1]}
        case "gap":
            return {"row-gap": first, "column-gap": parts[-1]}
        case "grid-area":
            areas = [p.strip() for p in value.split("/")]
            ends = zip(("grid-row", "grid-column"), areas, strict=False)
            return dict(ends)
        case "background" | "background-color":
            return _background(value, parts)
        case "columns":
            return {"column-count": first}
        case "font" if value == "inherit":
            return dict.fromkeys(("font-size", "font-weight", "line-height"), value)
    return {name: value}


def _four(parts: Sequence[str]) -> tuple[str, str, str, str]:
    top = parts[0]
    right = parts[1] if len(parts) > 1 else top
    bottom = parts[2] if len(parts) > 2 else top
    return top, right, bottom, parts[3] if len(parts) > 3 else right


def _border(parts: Sequence[str]) -> dict[str, str]:
    said = {"width": "0px", "style": "none", "color": "currentColor"}
    for part in parts:
        if part in ("solid", "dashed", "none"):
            said["style"] = part
        else:
            said["width" if part[0] in "0123456789." else "color"] = part
    return said


def _flex(parts: Sequence[str]) -> dict[str, str]:
    usual = {"none": ("0", "0", "auto"), "auto": ("1", "1", "auto")}
    grow, shrink, basis = usual.get(parts[0], (*parts, *("1", "0px")[len(parts) - 1 :])[:3])
    return {"flex-grow": grow, "flex-shrink": shrink, "flex-basis": basis}


def _background(value: str, parts: Sequence[str]) -> dict[str, str]:
    plain = "" if "(" in value and not value.startswith("rgb") else parts[0]
    return {"background-color": plain, "background-image": "" if plain else value}


@lru_cache(KEPT)
def colour(text: str, current: str = "") -> str:
    """A colour as RRGGBB; empty for none, and for one that lets all shine through."""
    if text == "currentColor":
        text = current
    found = parse_color(text) if text else None
    if found is None or isinstance(found, str) or not found.alpha:
        return ""
    return "".join(f"{round(part * 255):02X}" for part in found.to("srgb").coordinates)


def border(style: Style, side: str) -> tuple[float, str, str]:
    """(width, colour, kind) of a border; 0 wide where there is none."""
    kind = style.get(f"border-{side}-style", "none")
    wide = float(style.get(f"border-{side}-width", "0").removesuffix("px"))
    tone = colour(style.get(f"border-{side}-color", ""), style.get("color", ""))
    return (wide, tone, kind) if kind != "none" and tone else (0.0, "", "none")


def sized(text: str, whole: float) -> float:
    """Pixels of a length that may be a part of something."""
    return float(text[:-1]) / 100 * whole if text.endswith("%") else float(text.removesuffix("px"))
