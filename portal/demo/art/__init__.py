"""Pictures drawn by our own code: `picture("viaduct snow", seed)` is always the same picture."""

from collections.abc import Callable

from portal.demo.art import indoors, outdoors, railway
from portal.demo.art.canvas import HEIGHT, WIDTH, Canvas
from portal.demo.art.palettes import PALETTES

SCENES: dict[str, Callable[[Canvas], None]] = {
    "books": indoors.books,
    "catenary": railway.catenary,
    "classroom": indoors.classroom,
    "depot": railway.depot,
    "lanterns": indoors.lanterns,
    "library": indoors.library,
    "lotus": outdoors.lotus,
    "meeting": indoors.meeting,
    "night_tracks": railway.night_tracks,
    "platform": railway.platform,
    "ridge": outdoors.ridge,
    "rivertown": outdoors.rivertown,
    "seedlings": outdoors.seedlings,
    "signal": railway.signal,
    "skyline": outdoors.skyline,
    "timetable": indoors.timetable,
    "tunnel": railway.tunnel,
    "umbrellas": outdoors.umbrellas,
    "viaduct": outdoors.viaduct,
    "workshop": indoors.workshop,
}


def draw(name: str, seed: int = 1, width: int = WIDTH, height: int = HEIGHT) -> Canvas:
    """Draw a scene in a mood, named as in the content files: "viaduct snow". Raises KeyError for an unknown name."""
    scene, _, mood = name.partition(" ")
    canvas = Canvas(PALETTES[mood], seed, width, height)
    SCENES[scene](canvas)
    return canvas


def picture(name: str, seed: int = 1) -> bytes:
    """The scene as a JPEG of 1600 × 900."""
    return draw(name, seed).jpeg()
