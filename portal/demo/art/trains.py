"""The train of the demo: pale body, dark windows, one red line."""

from portal.demo.art.canvas import Canvas
from portal.demo.art.palettes import mix


def side_train(canvas: Canvas, x: float, rail: float, cars: int = 4, height: float = 60) -> None:
    """A train seen from the side; `rail` is where its wheels stand, `x` its tail."""
    palette = canvas.palette
    body = mix(palette.paper, palette.layers[0], 0.15)
    car, gap, floor = height * 3.1, height * 0.07, height * 0.16
    for index in range(cars):
        left = x + index * (car + gap)
        top, bottom = rail - height, rail - floor
        nose = height * 0.62
        if index == cars - 1:
            canvas.polygon(
                [
                    (left, top),
                    (left + car - nose * 0.7, top),
                    (left + car - nose * 0.18, top + height * 0.3),
                    (left + car, bottom - height * 0.12),
                    (left + car - 2, bottom),
                    (left, bottom),
                ],
                body,
            )
            canvas.polygon(
                [
                    (left + car - nose * 0.66, top + height * 0.1),
                    (left + car - nose * 0.28, top + height * 0.33),
                    (left + car - nose * 0.66, top + height * 0.38),
                ],
                palette.ink,
            )
        elif index == 0:
            canvas.polygon(
                [
                    (left + nose * 0.7, top),
                    (left + car, top),
                    (left + car, bottom),
                    (left + 2, bottom),
                    (left, bottom - height * 0.12),
                    (left + nose * 0.18, top + height * 0.3),
                ],
                body,
            )
        else:
            canvas.box(left, top, car, bottom - top, body, radius=height * 0.06)
        canvas.box(left + height * 0.1, bottom - height * 0.2, car - height * 0.2, height * 0.075, palette.accent)
        first, last = (
            left + height * (0.72 if index == 0 else 0.2),
            left + car - height * (0.8 if index == cars - 1 else 0.2),
        )
        step = height * 0.46
        window = first
        while window + step * 0.8 < last:
            canvas.box(window, top + height * 0.18, step * 0.8, height * 0.26, palette.layers[3], radius=height * 0.04)
            canvas.box(
                window, top + height * 0.18, step * 0.8, height * 0.26, palette.light, 0.55, radius=height * 0.04
            )
            window += step
        canvas.box(
            left + height * 0.06,
            top,
            car - height * 0.12 - (nose * 0.7 if index in (0, cars - 1) else 0),
            height * 0.05,
            palette.layers[2],
            0.4,
        )
        for wheel in (0.16, 0.27, 0.73, 0.84):
            canvas.disc(left + car * wheel, rail - floor * 0.55, floor * 0.55, palette.ink)
        canvas.box(left + car * 0.1, bottom, car * 0.8, floor * 0.35, palette.ink)


def front_train(canvas: Canvas, x: float, bottom: float, size: float, lit: bool = True) -> None:
    """A train seen from the front, `size` wide, its lower edge at `bottom`."""
    palette = canvas.palette
    top = bottom - size * 1.12
    body, shade = mix(palette.paper, palette.layers[0], 0.25), palette.layers[2]
    canvas.box(x - size / 2, top, size, size * 1.06, shade, radius=size * 0.17)
    canvas.box(x - size * 0.48, top + size * 0.02, size * 0.96, size * 1.0, body, radius=size * 0.16)
    canvas.box(x - size * 0.4, top + size * 0.17, size * 0.8, size * 0.4, palette.ink, radius=size * 0.07)
    canvas.polygon(
        [
            (x - size * 0.36, top + size * 0.53),
            (x - size * 0.1, top + size * 0.2),
            (x + size * 0.06, top + size * 0.2),
            (x - size * 0.2, top + size * 0.53),
        ],
        palette.paper,
        0.14,
    )
    canvas.box(
        x - size * 0.17,
        top + size * 0.06,
        size * 0.34,
        size * 0.07,
        palette.light if lit else shade,
        radius=size * 0.02,
    )
    canvas.box(x - size * 0.48, top + size * 0.68, size * 0.96, size * 0.07, palette.accent)
    for side in (-1, 1):
        if lit:
            canvas.glow(x + side * size * 0.33, top + size * 0.84, size * 0.34, palette.light, 0.8)
        canvas.disc(
            x + side * size * 0.33, top + size * 0.84, size * 0.055, palette.light if lit else palette.layers[1]
        )
    canvas.box(x - size * 0.4, top + size * 1.02, size * 0.8, size * 0.09, palette.ink, radius=size * 0.03)
