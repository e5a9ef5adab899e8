"""A drawing surface in plain numbers: 1600 × 900 units, drawn at twice the size and reduced, so that edges are smooth."""

from __future__ import annotations

import io
import itertools
import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from portal.demo.art.palettes import Colour, Palette

Point = tuple[float, float]
WIDTH, HEIGHT = 1600, 900
SCALE = 2


class Canvas:
    """One picture being drawn. `random` is seeded, so the same seed gives the same picture."""

    def __init__(self, palette: Palette, seed: int, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.palette = palette
        self.width, self.height = width, height
        self.random = random.Random(seed)  # noqa: S311 - pictures, not secrets
        self.image = Image.new("RGB", (width * SCALE, height * SCALE))
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def _points(self, points: Sequence[Point]) -> list[Point]:
        return [(x * SCALE, y * SCALE) for x, y in points]

    def gradient(self, stops: Sequence[Colour], top: float = 0, bottom: float | None = None) -> None:
        """Fill a band from top to bottom with smoothly changing colours."""
        bottom = self.height if bottom is None else bottom
        column = Image.new("RGB", (1, len(stops)))
        column.putdata(list(stops))
        rows = max(1, round((bottom - top) * SCALE))
        tall = column.resize((1, rows), Image.Resampling.BICUBIC, box=(0, 0.5, 1, len(stops) - 0.5))
        self.image.paste(tall.resize((self.width * SCALE, rows)), (0, round(top * SCALE)))

    def glow(self, x: float, y: float, radius: float, tone: Colour, strength: float = 0.6) -> None:
        """Add soft light around a point."""
        size = 64
        spot = Image.radial_gradient("L").resize((size, size))
        mask = ImageChops.invert(spot).point(lambda value: round((max(0, value - 74) / 181) ** 1.6 * 255 * strength))
        side = round(radius * 2 * SCALE)
        mask = mask.resize((side, side), Image.Resampling.BICUBIC)
        corner = (round((x - radius) * SCALE), round((y - radius) * SCALE))
        self.image.paste(Image.new("RGB", (side, side), tone), corner, mask)

    def polygon(self, points: Sequence[Point], tone: Colour, alpha: float = 1.0) -> None:
        """Fill a shape."""
        self._pen.polygon(self._points(points), fill=(*tone, round(alpha * 255)))

    def box(
        self, x: float, y: float, width: float, height: float, tone: Colour, alpha: float = 1.0, radius: float = 0
    ) -> None:
        """Fill a rectangle, with rounded corners when `radius` is given."""
        frame = (x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1)
        fill = (*tone, round(alpha * 255))
        if frame[2] < frame[0] or frame[3] < frame[1]:
            return
        if radius:
            self._pen.rounded_rectangle(frame, radius * SCALE, fill=fill)
        else:
            self._pen.rectangle(frame, fill=fill)

    def disc(self, x: float, y: float, radius: float, tone: Colour, alpha: float = 1.0, squash: float = 1.0) -> None:
        """Fill a circle, or an ellipse whose height is `squash` of its width."""
        tall = radius * squash
        frame = ((x - radius) * SCALE, (y - tall) * SCALE, (x + radius) * SCALE, (y + tall) * SCALE)
        self._pen.ellipse(frame, fill=(*tone, round(alpha * 255)))

    def ring(self, x: float, y: float, radius: float, thickness: float, tone: Colour, alpha: float = 1.0) -> None:
        """Draw a circle's outline."""
        frame = tuple(value * SCALE for value in (x - radius, y - radius, x + radius, y + radius))
        self._pen.ellipse(frame, outline=(*tone, round(alpha * 255)), width=max(1, round(thickness * SCALE)))

    def line(self, points: Sequence[Point], tone: Colour, thickness: float = 2, alpha: float = 1.0) -> None:
        """Draw a line through points."""
        fill = (*tone, round(alpha * 255))
        self._pen.line(self._points(points), fill=fill, width=max(1, round(thickness * SCALE)), joint="curve")

    def curve(
        self, points: Sequence[Point], tone: Colour, thickness: float = 2, alpha: float = 1.0, steps: int = 40
    ) -> None:
        """Draw a quadratic curve from the first point to the third, pulled by the second."""
        (ax, ay), (bx, by), (cx, cy) = points
        path = []
        for step in range(steps + 1):
            t = step / steps
            path.append(
                (
                    (1 - t) ** 2 * ax + 2 * t * (1 - t) * bx + t * t * cx,
                    (1 - t) ** 2 * ay + 2 * t * (1 - t) * by + t * t * cy,
                )
            )
        self.line(path, tone, thickness, alpha)

    def ridge(self, base: float, swing: float, roughness: float = 0.55, detail: int = 7) -> list[Point]:
        """A mountain outline over the whole width, around `base`, made by halving."""
        heights = [self.random.uniform(-swing, swing) for _ in range(4)]
        reach = swing
        for _ in range(detail):
            reach *= roughness
            halved = []
            for left, right in itertools.pairwise(heights):
                halved += [left, (left + right) / 2 + self.random.uniform(-reach, reach)]
            heights = [*halved, heights[-1]]
        step = self.width / (len(heights) - 1)
        return [(index * step, base + height) for index, height in enumerate(heights)]

    def hills(self, base: float, swing: float, waves: int = 3) -> list[Point]:
        """A soft hill outline made of a few waves."""
        parts = [
            (self.random.uniform(0.6, 1.6) * (n + 1), self.random.uniform(0, math.tau), swing / (n + 1))
            for n in range(waves)
        ]
        points = []
        for x in range(0, self.width + 1, 10):
            points.append(
                (
                    x,
                    base
                    + sum(
                        size * math.sin(speed * x / self.width * math.tau / 1.6 + phase) for speed, phase, size in parts
                    ),
                )
            )
        return points

    def land(self, outline: list[Point], tone: Colour, alpha: float = 1.0) -> None:
        """Fill everything below an outline."""
        self.polygon([*outline, (self.width, self.height), (0, self.height)], tone, alpha)

    def mist(self, y: float, height: float, tone: Colour, strength: float = 0.5) -> None:
        """Lay a soft band of mist."""
        rows = max(2, round(height * SCALE))
        fade = Image.linear_gradient("L").resize((1, rows // 2))
        mask = Image.new("L", (1, rows))
        mask.paste(fade, (0, 0))
        mask.paste(fade.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, rows // 2))
        mask = mask.point(lambda value: round(value * strength)).resize((self.width * SCALE, rows))
        self.image.paste(Image.new("RGB", mask.size, tone), (0, round(y * SCALE)), mask)

    def soften(self, radius: float) -> None:
        """Blur what is drawn so far, for things behind the focus."""
        small = self.image.reduce(4)
        self.image.paste(
            small.filter(ImageFilter.GaussianBlur(radius * SCALE / 4)).resize(self.image.size, Image.Resampling.BICUBIC)
        )

    def finished(self) -> Image.Image:
        """The picture at its final size."""
        return self.image.reduce(SCALE)

    def jpeg(self, limit_bytes: int = 150_000) -> bytes:
        """The picture as a progressive JPEG of at most `limit_bytes`, at the best quality that fits."""
        finished = self.finished()
        for quality in (84, 76, 68, 58, 48):
            target = io.BytesIO()
            finished.save(target, "JPEG", quality=quality, optimize=True, progressive=True)
            if target.tell() <= limit_bytes:
                break
        return target.getvalue()
