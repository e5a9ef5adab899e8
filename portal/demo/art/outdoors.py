"""Landscapes: ridges, rivers, towns, trees, rain."""

import math

from portal.demo.art.canvas import Canvas
from portal.demo.art.palettes import mix
from portal.demo.art.trains import side_train


def sky(canvas: Canvas, sun_x: float = 1150, sun_y: float = 250, sun: float = 62, horizon: float = 900) -> None:
    """Sky, and a sun or moon with its glow, and stars at night."""
    palette = canvas.palette
    canvas.gradient(palette.sky, 0, horizon)
    dark = sum(palette.sky[0]) < 200
    if dark:
        for _ in range(90):
            x, y = canvas.random.uniform(0, canvas.width), canvas.random.uniform(0, horizon * 0.5)
            canvas.disc(x, y, canvas.random.choice([0.8, 1, 1.4]), palette.paper, canvas.random.uniform(0.25, 0.8))
    canvas.glow(sun_x, sun_y, sun * 5, palette.light, 0.55)
    canvas.disc(sun_x, sun_y, sun, mix(palette.light, palette.paper, 0.4), 0.95)


def mountains(canvas: Canvas, first: float = 430, step: float = 75, count: int = 4, swing: float = 90) -> None:
    """Mountain ranges, each nearer and darker, with mist between them."""
    for index in range(count):
        canvas.land(canvas.ridge(first + step * index, swing * (0.75**index)), canvas.palette.layers[index])
        canvas.mist(first + step * index + 30, 130, canvas.palette.sky[-1], 0.42 - 0.06 * index)


def ridge(canvas: Canvas) -> None:
    """Sunrise over ranges, birds in front of it."""
    sky(canvas, 1080, 330, 88)
    mountains(canvas, 450, 85, 5, 120)
    for x, y, size in ((840, 240, 17), (890, 218, 13), (782, 262, 12), (930, 252, 10)):
        canvas.curve(
            [(x - size, y - size * 0.4), (x - size * 0.4, y - size * 0.5), (x, y)], canvas.palette.layers[3], 2.4
        )
        canvas.curve(
            [(x, y), (x + size * 0.4, y - size * 0.5), (x + size, y - size * 0.4)], canvas.palette.layers[3], 2.4
        )


def viaduct(canvas: Canvas) -> None:
    """A long arched viaduct across a valley, with a train on it."""
    palette = canvas.palette
    sky(canvas, 420, 220, 56)
    mountains(canvas, 400, 70, 3, 95)
    deck, ground = 520.0, 900.0
    shade, face = palette.layers[4], palette.layers[3]
    span = 200
    for left in range(-60, canvas.width + span, span):
        canvas.box(left - 15, deck, 30, ground - deck, face)
        canvas.box(left + 5, deck, 10, ground - deck, shade, 0.5)
    for left in range(-60, canvas.width + span, span):
        inner = [(left + 15, deck + 26)]
        for step in range(25):
            angle = math.pi - math.pi * step / 24
            inner.append((left + span / 2 + math.cos(angle) * (span / 2 - 15), deck + 112 - math.sin(angle) * 82))
        inner.append((left + span - 15, deck + 26))
        canvas.polygon(inner, face)
    canvas.box(0, deck - 2, canvas.width, 30, face)
    canvas.box(0, deck - 12, canvas.width, 12, shade)
    side_train(canvas, 300, deck - 12, cars=5, height=68)
    canvas.land(canvas.hills(790, 34), mix(palette.layers[3], palette.layers[4], 0.6))
    canvas.mist(660, 190, palette.sky[-1], 0.35)
    canvas.land(canvas.hills(842, 22), palette.layers[4])
    weather(canvas)


def weather(canvas: Canvas) -> None:
    """Snow or rain, where the mood has it: a pale, cold palette snows, a grey one rains."""
    palette = canvas.palette
    red, green, blue = palette.paper
    if (red, green, blue) == (0xFA, 0xFC, 0xFD):
        for _ in range(230):
            x, y = canvas.random.uniform(0, canvas.width), canvas.random.uniform(0, canvas.height)
            canvas.disc(x, y, canvas.random.uniform(1.5, 4.5), palette.paper, canvas.random.uniform(0.5, 0.95))
    if (red, green, blue) == (0xEE, 0xF1, 0xEF):
        for _ in range(260):
            x, y, length = (
                canvas.random.uniform(-40, canvas.width),
                canvas.random.uniform(-20, canvas.height),
                canvas.random.uniform(16, 40),
            )
            canvas.line([(x, y), (x - length * 0.28, y + length)], palette.paper, 1.3, 0.38)


def skyline(canvas: Canvas) -> None:
    """A city across the river, a cable-stayed bridge, lights in the water."""
    palette = canvas.palette
    water = 610.0
    sky(canvas, 1230, 210, 54, water)
    dark = sum(palette.sky[0]) < 260
    for row in range(3):
        x = -30.0
        while x < canvas.width:
            wide = canvas.random.uniform(44, 96)
            tall = canvas.random.uniform(90, 330 - row * 75) * (
                0.55 + 0.45 * math.sin((x + 300) / canvas.width * math.pi)
            )
            tone = palette.layers[row]
            canvas.box(x, water - tall, wide, tall, tone)
            if canvas.random.random() < 0.25:
                canvas.line([(x + wide / 2, water - tall), (x + wide / 2, water - tall - 34)], tone, 3)
            for floor in range(int(tall // 17)):
                for window in range(int(wide // 15)):
                    if canvas.random.random() < (0.34 if dark else 0.16):
                        canvas.box(
                            x + 6 + window * 14,
                            water - tall + 9 + floor * 17,
                            6,
                            8,
                            palette.light,
                            0.85 if dark else 0.45,
                        )
            x += wide + canvas.random.uniform(-6, 14)
    canvas.gradient([mix(palette.sky[-1], palette.layers[2], 0.45), palette.layers[3], palette.layers[4]], water, 900)
    canvas.glow(1230, 700, 240, palette.light, 0.28)
    for _ in range(130):
        y = canvas.random.uniform(water + 8, 890)
        wide = (y - water) * canvas.random.uniform(0.1, 0.5) + 12
        x = canvas.random.uniform(-50, canvas.width)
        canvas.line(
            [(x, y), (x + wide, y)],
            palette.light if dark and canvas.random.random() < 0.4 else palette.sky[-1],
            2,
            0.22,
        )
    deck = 660.0
    for tower in (430, 1130):
        for reach in range(1, 10):
            for side in (-1, 1):
                canvas.line(
                    [(tower, deck - 300 + reach * 12), (tower + side * reach * 37, deck)], palette.paper, 1.4, 0.6
                )
        canvas.polygon(
            [(tower - 15, deck + 90), (tower - 6, deck - 318), (tower + 6, deck - 318), (tower + 15, deck + 90)],
            palette.layers[4],
        )
    canvas.box(0, deck, canvas.width, 15, palette.layers[4])
    side_train(canvas, 560, deck, cars=4, height=42)


def rivertown(canvas: Canvas) -> None:
    """Old houses by the water, stone bridge, a boat, and the new line behind."""
    palette = canvas.palette
    sky(canvas, 1260, 200, 58, 640)
    mountains(canvas, 380, 60, 2, 70)
    canvas.box(0, 418, canvas.width, 10, palette.layers[2])
    for left in range(40, canvas.width, 170):
        canvas.box(left, 428, 14, 130, palette.layers[2])
    side_train(canvas, 830, 418, cars=4, height=40)
    canvas.mist(430, 160, palette.sky[-1], 0.5)
    x = -20.0
    wall, roof = palette.paper, palette.layers[4]
    while x < canvas.width:
        wide, tall = canvas.random.uniform(120, 190), canvas.random.uniform(95, 165)
        base = 648.0
        canvas.box(x, base - tall, wide, tall, mix(wall, palette.sky[-1], 0.25))
        canvas.box(x + wide * 0.72, base - tall, wide * 0.28, tall, palette.layers[1], 0.25)
        eave = base - tall
        canvas.polygon(
            [
                (x - 20, eave + 8),
                (x + 14, eave - 34),
                (x + wide - 14, eave - 34),
                (x + wide + 20, eave + 8),
                (x + wide + 8, eave + 2),
                (x - 8, eave + 2),
            ],
            roof,
        )
        for window in range(int(wide // 48)):
            canvas.box(x + 16 + window * 46, eave + 30, 22, 34, palette.layers[3])
            canvas.box(x + 19 + window * 46, eave + 33, 16, 28, palette.light, 0.75)
            if canvas.random.random() < 0.35:
                canvas.disc(x + 27 + window * 46, eave + 16, 9, palette.accent, squash=1.15)
        x += wide + canvas.random.uniform(-4, 10)
    water = 648.0
    canvas.gradient([mix(palette.sky[-1], palette.layers[1], 0.35), palette.layers[2], palette.layers[3]], water, 900)
    for _ in range(90):
        y = canvas.random.uniform(water + 6, 890)
        left = canvas.random.uniform(-40, canvas.width)
        canvas.line([(left, y), (left + canvas.random.uniform(30, 150), y)], palette.paper, 2, 0.22)
    canvas.polygon([(420, 772), (460, 796), (660, 796), (712, 764), (640, 778), (480, 778)], palette.ink)
    canvas.polygon([(500, 778), (520, 738), (606, 738), (624, 778)], palette.layers[3])
    canvas.line([(688, 770), (742, 690)], palette.ink, 4)
    canvas.disc(662, 722, 8, palette.ink)
    canvas.polygon([(652, 774), (655, 732), (669, 732), (674, 772)], palette.accent)


def lotus(canvas: Canvas) -> None:
    """A lotus pond: round leaves, three flowers, still water."""
    palette = canvas.palette
    canvas.gradient([*palette.sky, mix(palette.sky[-1], palette.layers[1], 0.4)], 0, 900)
    canvas.glow(1180, 210, 330, palette.light, 0.5)
    canvas.disc(1180, 210, 66, palette.light, 0.9)
    canvas.land(canvas.hills(410, 26), palette.layers[0], 0.55)
    for row, (base, count) in enumerate(((500, 9), (600, 8), (735, 6))):
        for _ in range(count):
            x = canvas.random.uniform(-40, canvas.width + 40)
            y = base + canvas.random.uniform(-34, 34)
            radius = (64, 92, 138)[row] * canvas.random.uniform(0.75, 1.15)
            tone = palette.layers[row + 1]
            canvas.disc(x, y, radius, tone, squash=0.36)
            canvas.disc(x, y - 3, radius * 0.94, mix(tone, palette.layers[row], 0.45), squash=0.34)
            for spoke in range(9):
                angle = spoke / 9 * math.tau
                canvas.line(
                    [(x, y - 3), (x + math.cos(angle) * radius * 0.85, y - 3 + math.sin(angle) * radius * 0.3)],
                    tone,
                    1.6,
                    0.7,
                )
    for x, y, size in ((520, 420, 1.15), (960, 500, 0.85), (1310, 560, 1.4)):
        canvas.curve([(x, y + 50 * size), (x - 16, y + 150), (x + 6, 880)], palette.layers[3], 7 * size)
        petal = mix(palette.accent, palette.paper, 0.5)
        for spread, lift, tone in (
            (62, 30, mix(petal, palette.paper, 0.25)),
            (38, 62, petal),
            (0, 78, mix(petal, palette.paper, 0.45)),
        ):
            for side in (-1, 1) if spread else (1,):
                tip = (x + side * spread * size, y - lift * size)
                left, right = (x - 16 * size, y + 44 * size), (x + 16 * size, y + 44 * size)
                bulge = 26 * size
                canvas.polygon(
                    [
                        left,
                        (tip[0] - bulge, (tip[1] + left[1]) / 2),
                        tip,
                        (tip[0] + bulge, (tip[1] + right[1]) / 2),
                        right,
                    ],
                    tone,
                )


def seedlings(canvas: Canvas) -> None:
    """A row of trees on a slope beside the line, one of them young."""
    palette = canvas.palette
    sky(canvas, 360, 230, 64)
    canvas.land(canvas.hills(520, 30), palette.layers[0])
    canvas.land(canvas.hills(585, 26), palette.layers[1])
    canvas.mist(530, 120, palette.sky[-1], 0.35)
    slope = [(x, 735 - x * 0.05 + 14 * math.sin(x / 260)) for x in range(0, canvas.width + 1, 20)]
    canvas.land(slope, palette.layers[2])
    for index, (x, size) in enumerate(((170, 1.0), (430, 1.25), (720, 0.9), (980, 0.42), (1230, 1.15), (1480, 1.35))):
        base = 735 - x * 0.05 + 14 * math.sin(x / 260) + 6
        trunk = 190 * size
        canvas.polygon(
            [(x - 9 * size, base), (x - 5 * size, base - trunk), (x + 5 * size, base - trunk), (x + 10 * size, base)],
            palette.ink,
        )
        for _ in range(30):
            angle, reach = canvas.random.uniform(0, math.tau), canvas.random.uniform(0, 1) ** 0.6
            px = x + math.cos(angle) * reach * 104 * size
            py = base - trunk - 52 * size + math.sin(angle) * reach * 88 * size
            lit = 0.15 + 0.5 * (0.5 - (py - (base - trunk)) / 300)
            leaf = mix(palette.layers[3], palette.layers[1], max(0.0, min(1.0, lit + canvas.random.uniform(-0.1, 0.2))))
            canvas.disc(px, py, 30 * size * canvas.random.uniform(0.7, 1.25), leaf)
        if index == 3:
            canvas.box(x - 34, base - 62, 8, 66, palette.accent)
            canvas.line([(x - 30, base - 48), (x, base - 56)], palette.accent, 4)
    canvas.land([(x, y + 86) for x, y in slope], palette.layers[3])
    for x in range(-20, canvas.width + 40, 52):
        y = 735 + 96 - x * 0.05 + 14 * math.sin(x / 260)
        canvas.polygon([(x, y), (x + 22, y - 1), (x + 16, y + 15), (x - 8, y + 16)], palette.layers[4])
    for gap, thick in ((0, 6), (15, 8)):
        canvas.line([(x, y + 92 + gap) for x, y in slope], palette.paper, thick * 0.6, 0.85)


def umbrellas(canvas: Canvas) -> None:
    """Umbrellas on a wet square, seen from above."""
    palette = canvas.palette
    canvas.gradient([palette.layers[1], palette.layers[2], palette.layers[2]], 0, 900)
    for row in range(-2, 14):
        for column in range(-2, 20):
            x, y = column * 96 + (row % 2) * 48, row * 78
            canvas.polygon(
                [(x, y), (x + 92, y), (x + 92, y + 74), (x, y + 74)],
                palette.layers[1],
                canvas.random.uniform(0.05, 0.4),
            )
    for _ in range(16):
        x, y, radius = canvas.random.uniform(0, 1600), canvas.random.uniform(0, 900), canvas.random.uniform(60, 150)
        canvas.disc(x, y, radius, palette.sky[-1], 0.13, 0.5)
    spots = [
        (270, 250, 122),
        (560, 560, 146),
        (820, 240, 112),
        (1120, 480, 158),
        (1390, 200, 116),
        (330, 730, 108),
        (860, 800, 118),
        (1420, 760, 130),
        (60, 520, 96),
    ]
    tones = [
        palette.accent,
        palette.paper,
        palette.layers[3],
        palette.layers[0],
        palette.layers[4],
        palette.sky[-1],
        palette.layers[3],
        palette.layers[0],
        palette.paper,
    ]
    for (x, y, radius), tone in zip(spots, tones, strict=True):
        canvas.disc(x + 22, y + 34, radius * 1.02, palette.ink, 0.28)
        turn = canvas.random.uniform(0, math.tau)
        corners = [
            (x + math.cos(turn + k * math.tau / 8) * radius, y + math.sin(turn + k * math.tau / 8) * radius)
            for k in range(8)
        ]
        for k in range(8):
            first, second = corners[k], corners[(k + 1) % 8]
            middle = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
            dent = (middle[0] + (x - middle[0]) * 0.07, middle[1] + (y - middle[1]) * 0.07)
            light = 0.5 + 0.5 * math.cos(turn + (k + 0.5) * math.tau / 8 + 2.2)
            face = mix(mix(tone, palette.ink, 0.24), mix(tone, palette.paper, 0.22), light)
            canvas.polygon([(x, y), first, dent, second], face)
        canvas.disc(x, y, 7, palette.ink)
    weather(canvas)
