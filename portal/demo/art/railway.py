"""Railway scenes: tracks at night, platforms, tunnels, depots, signals, the overhead line."""

from portal.demo.art.canvas import Canvas
from portal.demo.art.outdoors import mountains, sky, weather
from portal.demo.art.palettes import mix
from portal.demo.art.trains import front_train


def _perspective(canvas: Canvas, horizon: float, vanish: float, near: float, offset: float) -> tuple[float, float]:
    """Where a line at ground distance `near` (1 is the lower edge, 0 the horizon) and side offset stands."""
    return vanish + offset * near, horizon + (canvas.height - horizon) * near


def tracks(canvas: Canvas, horizon: float, vanish: float, centres: tuple[float, ...], gauge: float = 250) -> None:
    """Parallel tracks that run to one point on the horizon, with sleepers."""
    palette = canvas.palette
    for centre in centres:
        distance = 1.06
        while distance > 0.012:
            left, y = _perspective(canvas, horizon, vanish, distance, centre - gauge * 0.8)
            right, _ = _perspective(canvas, horizon, vanish, distance, centre + gauge * 0.8)
            thick = 26 * distance
            canvas.polygon(
                [(left, y), (right, y), (right + 4 * distance, y + thick), (left - 4 * distance, y + thick)],
                palette.ink,
                0.75,
            )
            distance *= 0.9
        for side in (-0.5, 0.5):
            foot = _perspective(canvas, horizon, vanish, 1.05, centre + gauge * side)
            canvas.polygon(
                [(vanish - 0.6, horizon), (vanish + 0.6, horizon), (foot[0] + 12, foot[1]), (foot[0] - 12, foot[1])],
                mix(palette.layers[0], palette.light, 0.45),
            )
            canvas.polygon([(vanish, horizon), (foot[0] + 12, foot[1]), (foot[0] + 4, foot[1])], palette.paper, 0.7)


def night_tracks(canvas: Canvas) -> None:
    """Tracks towards the city lights, masts of the overhead line, signals."""
    palette = canvas.palette
    horizon, vanish = 470.0, 840.0
    sky(canvas, 840, 430, 40, horizon + 40)
    canvas.land(canvas.ridge(horizon - 10, 30), palette.layers[1])
    canvas.gradient([palette.layers[2], palette.layers[3], palette.layers[4]], horizon, 900)
    canvas.glow(vanish, horizon, 420, palette.light, 0.38)
    tracks(canvas, horizon, vanish, (-560, 120, 800))
    for near in (0.05, 0.09, 0.16, 0.28, 0.5, 0.9):
        for offset in (-1010, 1250):
            x, y = _perspective(canvas, horizon, vanish, near, offset)
            tall, arm = 560 * near + 10, 210 * near * (1 if offset < 0 else -1)
            canvas.line([(x, y), (x, y - tall)], palette.ink, max(1.4, 13 * near))
            canvas.line([(x, y - tall * 0.94), (x + arm, y - tall * 0.86)], palette.ink, max(1, 6 * near))
            canvas.line([(x, y - tall * 0.74), (x + arm, y - tall * 0.86)], palette.ink, max(1, 4 * near))
    for offset in (-800, 1040):
        far = _perspective(canvas, horizon, vanish, 0.02, offset)
        close = _perspective(canvas, horizon, vanish, 1.0, offset)
        canvas.line([(far[0], far[1] - 14), (close[0], close[1] - 500)], palette.ink, 2.2, 0.9)
    for x, y, size, tone in (
        (560, 560, 8, palette.accent),
        (1125, 548, 7, (92, 200, 140)),
        (700, 506, 4, palette.accent),
    ):
        canvas.glow(x, y, size * 6, tone, 0.75)
        canvas.disc(x, y, size, tone)
    weather(canvas)


def platform(canvas: Canvas) -> None:
    """An empty platform under its roof, the train arriving."""
    palette = canvas.palette
    horizon, vanish = 430.0, 620.0
    sky(canvas, 720, 380, 50, 560)
    mountains(canvas, 400, 34, 2, 34)
    canvas.gradient([palette.layers[2], palette.layers[3]], horizon + 20, 900)
    canvas.polygon([(vanish, horizon), (-700, 900), (150, 900)], palette.layers[4], 0.75)
    for foot in (-420, -110):
        canvas.polygon(
            [(vanish - 1, horizon), (vanish + 1, horizon), (foot + 16, 900), (foot - 16, 900)],
            mix(palette.layers[0], palette.paper, 0.4),
        )
    canvas.polygon(
        [(vanish, horizon), (150, 900), (1600, 900), (1600, 640)], mix(palette.paper, palette.layers[0], 0.35)
    )
    canvas.polygon([(vanish, horizon), (205, 900), (292, 900)], mix(palette.light, (226, 178, 64), 0.75))
    canvas.polygon([(vanish, horizon), (150, 900), (168, 900)], palette.paper)
    near = 1.0
    while near > 0.06:
        y = horizon + 470 * near
        canvas.line([(vanish + (292 - vanish) * near, y), (1600, y - 120 * near)], palette.layers[1], 2, 0.5)
        near *= 0.8
    canvas.polygon([(vanish, horizon), (-200, -40), (1600, -40), (1600, 210)], palette.layers[3])
    canvas.polygon([(vanish, horizon), (1600, 120), (1600, 210)], palette.layers[4])
    for slot in (0.17, 0.36, 0.55):
        canvas.polygon(
            [
                (vanish + 20, horizon - 16),
                (vanish + 24, horizon - 16),
                (200 + 1500 * slot + 120, -40),
                (200 + 1500 * slot, -40),
            ],
            mix(palette.light, palette.sky[0], 0.25),
            0.9,
        )
    for near in (0.1, 0.17, 0.29, 0.5, 0.87):
        x = vanish + 860 * near
        top, foot = horizon - 258 * near, horizon + 300 * near
        canvas.box(x - 11 * near, top, 26 * near, foot - top, palette.ink)
        canvas.polygon(
            [
                (x - 11 * near, top + 8 * near),
                (x - 150 * near, top - 66 * near),
                (x - 150 * near, top - 84 * near),
                (x + 15 * near, top - 20 * near),
            ],
            palette.ink,
        )
    canvas.box(1216, 402, 190, 66, palette.accent, radius=8)
    canvas.box(1232, 420, 92, 9, palette.paper, radius=4)
    canvas.box(1232, 438, 140, 7, palette.paper, 0.7, radius=3)
    canvas.line([(1250, 402), (1250, 300)], palette.ink, 5)
    canvas.line([(1372, 402), (1372, 285)], palette.ink, 5)
    front_train(canvas, 330, 690, 250)
    for x, y, size in ((980, 700, 1.0), (1052, 712, 0.98)):
        canvas.disc(x, y - 118 * size, 15 * size, palette.ink)
        canvas.polygon(
            [(x - 24 * size, y), (x - 21 * size, y - 92 * size), (x + 21 * size, y - 92 * size), (x + 24 * size, y)],
            palette.layers[4],
        )


def tunnel(canvas: Canvas) -> None:
    """Looking down a ring-built tunnel, work lights along it, a walker with a lamp."""
    palette = canvas.palette
    canvas.gradient([palette.ink, palette.ink], 0, 900)
    x, y = 870.0, 440.0
    for step in range(17, -1, -1):
        near = 0.055 * 1.235**step
        radius = 660 * near * 0.62
        shift_x, shift_y = (x - 800) * (1 - near), (y - 450) * (1 - near)
        tone = mix(mix(palette.light, palette.layers[0], 0.5), palette.ink, min(1.0, 0.28 + near * 0.6))
        canvas.disc(800 + shift_x, 450 + shift_y, radius, tone)
        canvas.disc(800 + shift_x, 450 + shift_y, radius * 0.965, mix(tone, palette.ink, 0.22))
    canvas.glow(x, y, 330, palette.light, 0.75)
    canvas.disc(x, y, 30, mix(palette.light, palette.paper, 0.5))
    canvas.polygon([(x - 22, y + 22), (x + 22, y + 22), (1260, 900), (330, 900)], palette.layers[4])
    for foot in (560, 1030):
        canvas.polygon(
            [
                (x - 1 + (foot - 800) * 0.03, y + 22),
                (x + 1 + (foot - 800) * 0.03, y + 22),
                (foot + 13, 900),
                (foot - 13, 900),
            ],
            mix(palette.light, palette.layers[0], 0.4),
        )
    near = 1.0
    while near > 0.06:
        row = y + 22 + (900 - y - 22) * near
        canvas.line([(x + (460 - x) * near, row), (x + (1130 - x) * near, row)], palette.ink, 20 * near, 0.6)
        near *= 0.86
    for near in (0.08, 0.13, 0.21, 0.34, 0.56):
        for side in (-1, 1):
            px, py = x + side * 620 * near, y - 250 * near
            canvas.glow(px, py, 120 * near + 8, palette.light, 0.85)
            canvas.box(px - 22 * near, py - 5 * near, 44 * near, 10 * near, palette.paper)
    canvas.glow(724, 590, 130, palette.light, 0.5)
    canvas.disc(700, 548, 17, (226, 150, 52))
    canvas.polygon([(672, 700), (678, 572), (722, 572), (730, 700)], palette.ink)
    canvas.polygon([(676, 640), (679, 590), (721, 590), (725, 640)], palette.accent)
    canvas.line([(684, 700), (676, 800)], palette.ink, 17)
    canvas.line([(716, 700), (730, 800)], palette.ink, 17)
    canvas.disc(738, 612, 8, palette.light)


def depot(canvas: Canvas) -> None:
    """Trains side by side in a shed before the day begins."""
    palette = canvas.palette
    canvas.gradient([palette.layers[2], palette.layers[1], palette.layers[3]], 0, 900)
    for index in range(9):
        left = -40 + index * 210
        canvas.polygon(
            [(left, 0), (left + 12, 0), (800 + (left - 800) * 0.35 + 6, 330), (800 + (left - 800) * 0.35, 330)],
            palette.ink,
            0.8,
        )
    for row, y in enumerate((36, 122, 196, 252, 292)):
        canvas.box(0, y, 1600, 12 - row * 2, palette.ink, 0.7)
    for row, (y, near) in enumerate(((70, 1.0), (160, 0.72), (228, 0.52))):
        for index in range(5):
            x = 800 + (index - 2) * 360 * near
            canvas.glow(x, y, 150 * near, palette.light, 0.6)
            canvas.box(x - 66 * near, y - 5, 132 * near, 9 - row * 2, palette.paper, radius=3)
    canvas.gradient([palette.layers[3], palette.layers[4]], 640, 900)
    for x, bottom, size, lit in (
        (800, 655, 216, False),
        (520, 672, 236, True),
        (1080, 672, 236, False),
        (190, 720, 300, False),
        (1410, 720, 300, True),
    ):
        front_train(canvas, x, bottom, size, lit)
    for x, bottom, size in ((800, 655, 216), (520, 672, 236), (1080, 672, 236), (190, 720, 300), (1410, 720, 300)):
        for side in (-0.36, 0.36):
            foot = 800 + (x + side * size - 800) * 1.5
            canvas.polygon(
                [(x + side * size - 3, bottom), (x + side * size + 3, bottom), (foot + 9, 900), (foot - 9, 900)],
                mix(palette.light, palette.layers[0], 0.5),
                0.8,
            )
    canvas.glow(520, 780, 260, palette.light, 0.3)
    canvas.disc(655, 668, 14, (226, 150, 52))
    canvas.polygon([(634, 790), (640, 688), (672, 688), (680, 790)], palette.ink)
    canvas.polygon([(637, 742), (640, 700), (671, 700), (675, 742)], palette.accent)


def signal(canvas: Canvas) -> None:
    """A signal beside the line in low sun."""
    palette = canvas.palette
    sky(canvas, 560, 400, 74)
    mountains(canvas, 470, 55, 3, 70)
    canvas.gradient([palette.layers[2], palette.layers[3], palette.layers[4]], 650, 900)
    canvas.mist(620, 80, palette.sky[-1], 0.35)
    tracks(canvas, 650, 600, (-120, 720), 330)
    x = 1130
    canvas.box(x - 9, 250, 18, 620, palette.ink)
    canvas.box(x - 70, 190, 140, 370, palette.ink, radius=64)
    canvas.box(x - 60, 200, 120, 350, mix(palette.ink, palette.layers[3], 0.4), radius=58)
    for index, tone in enumerate(((118, 60, 58), (120, 98, 52), (104, 226, 150))):
        y = 264 + index * 110
        if index == 2:
            canvas.glow(x, y, 230, tone, 0.7)
        canvas.disc(x, y, 42, palette.ink)
        canvas.disc(x, y, 34, tone)
        canvas.disc(x - 10, y - 11, 10, palette.paper, 0.45 if index == 2 else 0.14)
    canvas.box(x - 46, 600, 92, 44, palette.paper, radius=4)
    canvas.box(x - 32, 614, 64, 7, palette.ink, radius=3)
    canvas.box(x - 32, 627, 40, 6, palette.accent, radius=3)
    for step in range(6):
        canvas.line([(x + 9, 690 + step * 34), (x + 44, 690 + step * 34)], palette.ink, 5)
    canvas.line([(x + 44, 660), (x + 44, 880)], palette.ink, 6)


def catenary(canvas: Canvas) -> None:
    """A ladder car under the overhead line, two people at work against the sky."""
    palette = canvas.palette
    sky(canvas, 500, 330, 96)
    mountains(canvas, 640, 60, 2, 50)
    canvas.land(canvas.hills(770, 14), palette.layers[3])
    for y, sag in ((170, 46), (300, 6)):
        canvas.curve([(-40, y), (800, y + sag * 2), (1640, y)], palette.ink, 4)
    for x in range(60, 1600, 140):
        depth = 170 + 92 * (1 - ((x - 800) / 840) ** 2) * 0.5
        canvas.line([(x, depth), (x, 303)], palette.ink, 2)
    for x in (190, 1420):
        canvas.box(x - 11, 90, 22, 790, palette.ink)
        for y in (150, 300):
            canvas.line([(x, y - 30), (x + (150 if x < 800 else -150), y)], palette.ink, 7)
            canvas.line([(x, y + 44), (x + (150 if x < 800 else -150), y)], palette.ink, 5)
            canvas.disc(x + (60 if x < 800 else -60), y - 2, 9, palette.accent)
    canvas.box(0, 834, 1600, 9, mix(palette.layers[0], palette.paper, 0.3))
    canvas.box(0, 843, 1600, 60, palette.layers[4])
    for side in (-1, 1):
        canvas.line([(860 + side * 150, 812), (860 + side * 58, 452)], palette.ink, 11)
    for step in range(9):
        wide = 58 + 92 * step / 8
        canvas.line([(860 - wide, 452 + 45 * step), (860 + wide, 452 + 45 * step)], palette.ink, 6)
    canvas.box(770, 440, 180, 15, palette.ink)
    for side in (-1, 1):
        canvas.line([(860 + side * 86, 440), (860 + side * 86, 372)], palette.ink, 5)
    canvas.line([(774, 374), (946, 374)], palette.ink, 5)
    for wheel in (700, 1020):
        canvas.disc(wheel, 818, 18, palette.ink)
    canvas.box(684, 796, 352, 14, palette.ink)
    for x, lean in ((834, -12), (890, 10)):
        canvas.polygon(
            [(x - 17, 440), (x - 15 + lean * 0.4, 352), (x + 15 + lean * 0.4, 352), (x + 17, 440)],
            palette.accent if lean < 0 else palette.layers[4],
        )
        canvas.disc(x + lean * 0.6, 334, 13, palette.ink)
        canvas.polygon(
            [
                (x + lean * 0.6 - 16, 332),
                (x + lean * 0.6 - 12, 319),
                (x + lean * 0.6 + 12, 319),
                (x + lean * 0.6 + 16, 332),
            ],
            (228, 178, 64),
        )
        canvas.line([(x + lean * 0.5, 362), (x + lean * 1.6, 306)], palette.ink, 8)
    canvas.glow(852, 306, 70, palette.light, 0.7)
