"""Short films made at loading: a slow pan over a drawn scene, Chinese titles burnt in with our own fonts, soft chords.

Cheap on purpose (a few CPU seconds each): frames are composed by Pillow and piped to one ffmpeg, no font is looked up.
"""

from __future__ import annotations

import dataclasses
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from media_pipeline.ffbin import find_tools
from portal.demo.art import draw
from portal.demo.art.palettes import Colour

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_SECOND = 12
TITLE_SECONDS, LINE_SECONDS, END_SECONDS = 4, 5, 1
FADE_FRAMES = 6
VEIL_TOP = 380
MARGIN = 84
TIMEOUT_SECONDS = 300
_CHORDS = ((261.63, 329.63, 392.0), (220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (196.0, 246.94, 293.66))
_MELODY = (523.25, 587.33, 659.25, 783.99, 880.0)


class ClipFailed(Exception):
    """ffmpeg did not make the film; the message holds the end of what it said."""


@dataclasses.dataclass(frozen=True)
class Clip:
    """What a film shows: a scene as in `art.draw`, a title and the lines after it, a small line below."""

    scene: str
    lines: tuple[str, ...]
    footer: str
    seed: int = 1

    @property
    def frame_count(self) -> int:
        """How many frames it has."""
        seconds = TITLE_SECONDS + LINE_SECONDS * (len(self.lines) - 1) + END_SECONDS
        return seconds * FRAMES_PER_SECOND


def make_clip(clip: Clip, target: Path, progress: Callable[[int], None] = lambda _percent: None) -> Path:
    """Write the film as an MP4 of 1280 × 720. Raises ClipFailed. `progress` is called with 0 to 100."""
    seconds = clip.frame_count / FRAMES_PER_SECOND
    command = [
        find_tools().ffmpeg, "-hide_banner", "-loglevel", "error", "-nostdin", "-y",
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FRAMES_PER_SECOND), "-i", "pipe:0",
        "-f", "lavfi", "-i", f"aevalsrc=exprs='{_sound(clip.seed)}':s=22050:d={seconds}",
        "-af", f"afade=t=in:d=1,afade=t=out:st={seconds - 2}:d=2,lowpass=f=3200",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "25", "-pix_fmt", "yuv420p", "-threads", "2",
        "-g", str(FRAMES_PER_SECOND * 2), "-c:a", "aac", "-b:a", "96k", "-ar", "44100", "-ac", "2",
        "-movflags", "+faststart", "-shortest", str(target),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603
        try:
            _feed(process, clip, progress)
            code = process.wait(timeout=TIMEOUT_SECONDS)
        except BrokenPipeError:
            code = process.wait(timeout=TIMEOUT_SECONDS) or 1
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code:
            said.seek(0)
            raise ClipFailed(said.read()[-2000:].decode("utf-8", "replace"))
    return target


def _feed(process: subprocess.Popen[bytes], clip: Clip, progress: Callable[[int], None]) -> None:
    pipe = process.stdin
    if pipe is None:
        raise ClipFailed("no pipe")
    with pipe:
        for number, planes in enumerate(_frames(clip)):
            for plane in planes:
                pipe.write(plane.tobytes())
            if number % FRAMES_PER_SECOND == 0:
                progress(100 * number // clip.frame_count)


class _Planes:
    """One plane of the frames (light or one of the two colour planes): composed apart, because that is what ffmpeg wants and
    a third of the work. `step` is 1 for light and 2 for colour, which is kept at half the size."""

    def __init__(self, scene: Image.Image, tones: dict[str, int], step: int) -> None:
        self.scene = scene if step == 1 else scene.reduce(2)
        self.tones, self.step = tones, step
        self.frame = self.scene

    def start(self, x: int, y: int) -> None:
        """Begin a frame with the part of the scene at (x, y)."""
        step = self.step
        self.frame = self.scene.crop((x // step, y // step, x // step + WIDTH // step, y // step + HEIGHT // step))

    def lay(self, tone: str, x: int, y: int, mask: Image.Image) -> None:
        """Lay a tone over the frame through a mask."""
        if self.step == 2:
            mask = mask.reduce(2)
        self.frame.paste(self.tones[tone], (x // self.step, y // self.step), mask)

    def fill(self, tone: str, box: tuple[int, int, int, int]) -> None:
        """Fill a rectangle."""
        self.frame.paste(self.tones[tone], tuple(value // self.step for value in box))


def _frames(clip: Clip) -> Iterator[tuple[Image.Image, ...]]:
    """The planes of the frames in order: the scene drifts one pixel a frame, titles fade in and out over a dark veil."""
    canvas = draw(clip.scene, clip.seed)
    wide = WIDTH + clip.frame_count + 4
    scene = canvas.finished().resize((wide, max(HEIGHT + 40, round(wide * 9 / 16))), Image.Resampling.LANCZOS)
    tones = {"ink": canvas.palette.ink, "light": canvas.palette.paper, "accent": canvas.palette.accent}
    planes = _planes_of(scene, tones)
    spare = scene.height - HEIGHT
    veil = _veil()
    slides = [_slide(text, is_title=index == 0) for index, text in enumerate(clip.lines)]
    footer = _text_mask(clip.footer, _font("sans", 26))
    leftwards = clip.seed % 2 == 0
    for number in range(clip.frame_count):
        x = clip.frame_count - number if leftwards else number
        y = min(spare, max(0, spare // 2 + (number - clip.frame_count // 2) // 8))
        index, age, left = _slide_at(number, len(slides))
        done = round((WIDTH - 2 * MARGIN) * number / max(1, clip.frame_count - 1))
        for plane in planes:
            plane.start(x, y)
            plane.lay("ink", 0, VEIL_TOP, veil)
            if index is not None:
                _show(plane, slides[index], min(age, left), age, is_title=index == 0)
            plane.lay("light", MARGIN, HEIGHT - 58, footer)
            plane.fill("accent", (MARGIN, HEIGHT - 18, MARGIN + max(2, done), HEIGHT - 14))
        yield tuple(plane.frame for plane in planes)


def _planes_of(scene: Image.Image, tones: dict[str, Colour]) -> list[_Planes]:
    """The scene as light and colour planes in the narrow range of television, which players expect."""
    light = [round(16 + value * 219 / 255) for value in range(256)]
    colours = [round(128 + (value - 128) * 224 / 255) for value in range(256)]
    planes = []
    for number, plane in enumerate(scene.convert("YCbCr").split()):
        table = light if number == 0 else colours
        values = {
            name: table[Image.new("RGB", (1, 1), tone).convert("YCbCr").getpixel((0, 0))[number]]
            for name, tone in tones.items()
        }
        planes.append(_Planes(plane.point(table), values, 1 if number == 0 else 2))
    return planes


def _slide_at(number: int, count: int) -> tuple[int | None, int, int]:
    """Which slide a frame shows, how many frames it has been up, and how many it stays."""
    start = 0
    for index in range(count):
        length = (TITLE_SECONDS if index == 0 else LINE_SECONDS) * FRAMES_PER_SECOND
        if number < start + length:
            return index, number - start, start + length - number
        start += length
    return None, 0, 0


def _show(plane: _Planes, mask: Image.Image, nearness: int, age: int, *, is_title: bool) -> None:
    share = min(1.0, (nearness + 1) / FADE_FRAMES)
    rise = round(18 * (1 - min(1.0, age / FADE_FRAMES)) ** 2)
    top = HEIGHT - 180 - mask.height // 2 + rise
    faded = mask if share >= 1 else mask.point([round(value * share) for value in range(256)])
    plane.lay("light", MARGIN + 28, top, faded)
    tall = round((mask.height - 10) * share)
    plane.fill("accent", (MARGIN, top + 8, MARGIN + (10 if is_title else 6), top + 8 + max(2, tall)))


def _veil() -> Image.Image:
    fade = (
        Image.linear_gradient("L").resize((1, HEIGHT - VEIL_TOP)).point([min(228, round(v * 1.9)) for v in range(256)])
    )
    return fade.resize((WIDTH, HEIGHT - VEIL_TOP))


def _slide(text: str, *, is_title: bool) -> Image.Image:
    size = 74 if is_title else 54
    while size > 30:
        mask = _text_mask(text, _font("serif", size))
        if mask.width <= WIDTH - 2 * MARGIN - 26:
            return mask
        size -= 4
    return mask


def _text_mask(text: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    left, top, right, bottom = font.getbbox(text)
    mask = Image.new("L", (round(right - left) + 4, round(bottom - top) + 8), 0)
    ImageDraw.Draw(mask).text((2 - left, 4 - top), text, font=font, fill=255)
    return mask


def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    name = {"serif": "LinghangSerifSC-Bold.otf", "sans": "LinghangSansSC-Regular.otf"}[face]
    folder = settings.PROJECT_DIR / "themes" / "default" / "static" / "fonts"
    return ImageFont.truetype(str(folder / name), size)


def _sound(seed: int) -> str:
    """An expression for aevalsrc: four swelling chords of four seconds each, and a plucked note every second."""
    shift = seed % len(_CHORDS)
    chords = _CHORDS[shift:] + _CHORDS[:shift]
    voices = []
    for voice in range(3):
        pitch = _choose("ld(0)", [chord[voice] for chord in chords])
        voices.append(f"sin(2*PI*t*{pitch})")
    order = [_MELODY[(seed * 3 + step * (2 + seed % 3)) % len(_MELODY)] for step in range(8)]
    pluck = f"0.09*exp(-3.5*mod(t,1))*sin(2*PI*t*{_choose('mod(floor(t),8)', order)})"
    swell = "(0.25+0.75*sin(PI*mod(t,4)/4))"
    return f"st(0,mod(floor(t/4),4));0.055*{swell}*({'+'.join(voices)})+{pluck}"


def _choose(index: str, values: list[float]) -> str:
    """A nested `if` that gives the value at an index."""
    text = f"{values[-1]}"
    for number in range(len(values) - 2, -1, -1):
        text = f"if(eq({index},{number}),{values[number]},{text})"
    return text
