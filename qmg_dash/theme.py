"""Colours, type and sizes: one set of tokens for the style sheet and the charts (docs/design.md)."""

from __future__ import annotations

from dataclasses import dataclass

FONT = (
    '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",'
    '"Source Han Sans CN","WenQuanYi Micro Hei",sans-serif'
)

LIGHT = {
    "bg": "#F3F5F7",
    "card": "#FFFFFF",
    "ink": "#17202A",
    "ink2": "#45515E",
    "ink3": "#5B6774",
    "accent": "#12507B",
    "mark": "#7B8794",
    "tint": "#88A8BD",
    "warn": "#955500",
    "bad": "#861820",
    "demo": "#6B3FA0",
    "line": "#D3D9DF",
    "soft": "#E6EEF5",
    "warnsoft": "#FCF4E8",
    "badsoft": "#FBECEA",
    "demosoft": "#F3EDFA",
}
DARK = {
    "bg": "#0E151C",
    "card": "#16202A",
    "ink": "#F4F7FA",
    "ink2": "#C3CDD7",
    "ink3": "#9FACB9",
    "accent": "#7CBDF2",
    "mark": "#6B7A8F",
    "tint": "#496F8E",
    "warn": "#F2B95A",
    "bad": "#FF8C78",
    "demo": "#CDB0F7",
    "line": "#33414F",
    "soft": "#1B2C3B",
    "warnsoft": "#2A2416",
    "badsoft": "#331C1A",
    "demosoft": "#2A2140",
}
RAMPS = {
    "light": ("#F1F5F9", "#C9DCEB", "#93B9D6", "#4F8BB8", "#12507B"),
    "dark": ("#1B2834", "#24455F", "#2F6A95", "#4F93C7", "#9AD0F7"),
}

DESK_REM = 16.0
WIDE = 1.5
"""The ratio of width to height from which a screen is told from a 4:3 one."""
ROWS = 53
"""In meeting mode a screen is 53 rem high, so that nothing set in rem from 1 up can fall below
1/54 of its height (with 54 itself, rounding fails at 768)."""


@dataclass(frozen=True)
class Look:
    """How a screen is drawn: theme, meeting mode, and the pixels of a rem, which charts need
    since Plotly knows no rem. `wide` tells a 16:9 screen from a 4:3 one."""

    dark: bool = False
    present: bool = False
    rem: float = DESK_REM
    wide: bool = True

    @classmethod
    def of(cls, dark: bool, present: bool, width: int, height: int) -> Look:
        return cls(dark, present, height / ROWS if present else DESK_REM, width / height > WIDE)

    @property
    def tokens(self) -> dict[str, str]:
        return DARK if self.dark else LIGHT

    @property
    def ramp(self) -> tuple[str, ...]:
        return RAMPS["dark" if self.dark else "light"]

    @property
    def columns(self) -> float:
        """The width of a screen's body in rem; at the desk that of a small laptop's."""
        if not self.present:
            return 62.0
        return (96 if self.wide else 71) - 4.4

    def px(self, desk: float, meeting: float) -> float:
        """Pixels of a size given in rem for the desk and for the meeting."""
        return round((meeting if self.present else desk) * self.rem, 1)


def variables(look: Look, where: str = ":root") -> str:
    """The tokens as CSS variables."""
    return f"{where}{{" + "".join(f"--{k}:{v};" for k, v in look.tokens.items()) + "}"
