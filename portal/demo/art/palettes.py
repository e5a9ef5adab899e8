"""Eight moods. Each names a sky (top to bottom), five layers (far to near), and the few colours that stand out."""

import dataclasses

Colour = tuple[int, int, int]


def colour(text: str) -> Colour:
    """`#RRGGBB` as three numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: `share` 0 gives the first, 1 the second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))  # type: ignore[return-value]


@dataclasses.dataclass(frozen=True)
class Palette:
    """The colours of one mood."""

    sky: tuple[Colour, ...]
    layers: tuple[Colour, ...]
    light: Colour
    accent: Colour
    paper: Colour

    @property
    def ink(self) -> Colour:
        """The darkest tone."""
        return self.layers[-1]


def _palette(sky: str, layers: str, light: str, accent: str, paper: str) -> Palette:
    return Palette(
        tuple(colour(text) for text in sky.split()),
        tuple(colour(text) for text in layers.split()),
        colour(light),
        colour(accent),
        colour(paper),
    )


PALETTES = {
    "dawn": _palette(
        "#8DB0C6 #CFCFC9 #F4CFAE #F9E6D0", "#C6AFB2 #9A90A6 #66708A #3C526D #1F334A", "#FFF1CF", "#C8402F", "#FBF1E4"
    ),
    "day": _palette(
        "#A9D2E4 #D3E8EE #F1F6F2", "#B3CFD6 #86AEB8 #588993 #36656E #1E434B", "#FFFBEA", "#C8402F", "#F8F6EF"
    ),
    "dusk": _palette(
        "#2E3A62 #75527A #D87F68 #F6C58B", "#8A5F7E #614B74 #433C66 #2B2F53 #181E3A", "#FFE2A6", "#D8503A", "#F7E3CB"
    ),
    "night": _palette(
        "#0B1630 #15284B #2D4A70", "#2F4870 #233A5E #1A2C4B #111F39 #091226", "#FFD98C", "#DB5140", "#DDE5EE"
    ),
    "rain": _palette(
        "#6C828D #9FB0B4 #CDD5D3", "#9AAAAE #788C93 #577079 #3B545E #22373F", "#FFE9BC", "#C4473A", "#EEF1EF"
    ),
    "snow": _palette(
        "#B9CBDB #DCE6EE #F4F7F9", "#C9D5E0 #A3B6C8 #7A93AB #527190 #2E4A65", "#FFF0CC", "#C8402F", "#FAFCFD"
    ),
    "spring": _palette(
        "#BFE0DA #E3F0DD #F8F6E2", "#BFD9B8 #97C096 #6BA277 #45805B #26573E", "#FFF8DC", "#C9503C", "#F8F7EC"
    ),
    "autumn": _palette(
        "#C9D3CB #EBDDBD #F8EDD6", "#E0BF87 #CC975A #AB6E3E #7B4B30 #482D23", "#FFF0CB", "#B93A2B", "#FAF3E6"
    ),
}
