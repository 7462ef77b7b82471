"""Pictures drawn from a name and a color: the same in every process, and no file to load."""

import colorsys
import zlib
from dataclasses import dataclass

MOTIFS = 6  # templates/welcome/_art.html draws each
# For what has no color of its own.
_COLORS = ("#b4451f", "#8a5a00", "#2f7a3d", "#0b7a6b", "#2b5fb8", "#5a4bc0", "#8a3fb0", "#ad2f7d", "#6b5346")


@dataclass(frozen=True, slots=True)
class Art:
    """base, deep, light, glow: colors like #08736c; shift: 0 to 40, moves the motif, so that neighbours differ."""

    key: str
    motif: int
    base: str
    deep: str
    light: str
    glow: str
    shift: int


def art_of(name: str, color: str = "") -> Art:
    """In `color` where it is given, else in one that the name chooses."""
    number = zlib.crc32(name.encode())
    hue, lightness, saturation = _parts(color or _COLORS[number % len(_COLORS)])
    return Art(
        key=f"{number:08x}",
        motif=number // 360 % MOTIFS,
        base=_hex(hue, lightness, saturation),
        deep=_hex(hue + 0.06, lightness * 0.5, saturation),
        light=_hex(hue - 0.04, min(lightness * 1.55, 0.72), saturation * 0.9),
        glow=_hex(hue + 0.1, 0.78, min(saturation * 1.1, 0.8)),
        shift=number // 7919 % 41,
    )


def _parts(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)


def _hex(hue: float, lightness: float, saturation: float) -> str:
    channels = colorsys.hls_to_rgb(hue % 1, lightness, saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
