"""Rooms: a class, a table, a shelf, a bench of tools, a canteen window."""

import itertools
import math

from portal.demo.art.canvas import Canvas
from portal.demo.art.palettes import mix


def _window(canvas: Canvas, x: float, y: float, wide: float, tall: float, panes: int = 2) -> None:
    """A window with the outside in it."""
    palette = canvas.palette
    canvas.box(x - 10, y - 10, wide + 20, tall + 20, palette.paper)
    for row in range(24):
        share = row / 23 * (len(palette.sky) - 1)
        first = min(int(share), len(palette.sky) - 2)
        canvas.box(
            x, y + tall * row / 24, wide, tall / 24 + 1, mix(palette.sky[first], palette.sky[first + 1], share - first)
        )
    hills = [(x + wide * k / 20, y + tall * (0.72 + 0.07 * math.sin(k * 0.9 + x))) for k in range(21)]
    canvas.polygon([*hills, (x + wide, y + tall), (x, y + tall)], palette.layers[1])
    hills = [(x + wide * k / 20, y + tall * (0.84 + 0.05 * math.sin(k * 0.6 + x * 2))) for k in range(21)]
    canvas.polygon([*hills, (x + wide, y + tall), (x, y + tall)], palette.layers[2])
    for pane in range(1, panes):
        canvas.box(x + wide * pane / panes - 4, y, 8, tall, palette.paper)
    canvas.box(x, y + tall * 0.36, wide, 7, palette.paper)


def _room(canvas: Canvas, floor: float = 640) -> None:
    palette = canvas.palette
    wall = (
        mix(palette.sky[-1], palette.paper, 0.45)
        if sum(palette.sky[0]) > 260
        else mix(palette.layers[1], palette.sky[-1], 0.35)
    )
    canvas.gradient([mix(wall, palette.layers[0], 0.22), wall], 0, floor)
    canvas.gradient([mix(palette.layers[1], wall, 0.35), mix(palette.layers[2], wall, 0.2)], floor, 900)
    canvas.box(0, floor - 10, 1600, 10, mix(palette.layers[1], wall, 0.2))


def _person(
    canvas: Canvas,
    x: float,
    base: float,
    size: float,
    tone: tuple[int, int, int],
    skin: tuple[int, int, int] = (232, 190, 160),
) -> None:
    """Head and shoulders from behind or in front, without a face."""
    canvas.polygon(
        [
            (x - 58 * size, base),
            (x - 54 * size, base - 52 * size),
            (x - 28 * size, base - 76 * size),
            (x + 28 * size, base - 76 * size),
            (x + 54 * size, base - 52 * size),
            (x + 58 * size, base),
        ],
        tone,
    )
    canvas.disc(x - 34 * size, base - 55 * size, 22 * size, tone)
    canvas.disc(x + 34 * size, base - 55 * size, 22 * size, tone)
    canvas.box(x - 11 * size, base - 94 * size, 22 * size, 26 * size, mix(skin, tone, 0.25))
    canvas.disc(x, base - 112 * size, 29 * size, skin, squash=1.12)


HAIR = (42, 36, 38)


def classroom(canvas: Canvas) -> None:
    """A small classroom: board, window light, rows of heads."""
    palette = canvas.palette
    _room(canvas, 600)
    board = mix(palette.layers[4], (38, 70, 62), 0.5)
    canvas.box(330, 110, 760, 360, mix(palette.layers[2], (150, 104, 66), 0.6), radius=6)
    canvas.box(346, 126, 728, 328, board)
    chalk = palette.paper
    canvas.line([(430, 400), (430, 190)], chalk, 3, 0.85)
    canvas.line([(430, 400), (930, 400)], chalk, 3, 0.85)
    for start in range(4):
        canvas.line(
            [(450 + start * 96, 392), (560 + start * 110, 200)], chalk if start != 2 else palette.light, 3.4, 0.9
        )
    for row in range(3):
        canvas.line([(424, 250 + row * 50), (920, 250 + row * 50)], chalk, 1.5, 0.35)
    canvas.box(960, 190, 80, 7, chalk, 0.75)
    canvas.box(960, 214, 56, 7, chalk, 0.6)
    canvas.box(960, 238, 70, 7, chalk, 0.6)
    _window(canvas, 1210, 96, 300, 400, 2)
    _window(canvas, 60, 96, 170, 400, 1)
    canvas.polygon([(1200, 600), (1520, 600), (1160, 900), (700, 900)], palette.light, 0.26)
    person = 1120
    canvas.polygon([(person - 44, 600), (person - 36, 388), (person + 36, 388), (person + 46, 600)], palette.layers[3])
    canvas.disc(person, 346, 30, (232, 190, 160), squash=1.15)
    canvas.polygon(
        [
            (person - 31, 348),
            (person - 31, 322),
            (person, 306),
            (person + 31, 322),
            (person + 31, 340),
            (person + 10, 326),
        ],
        HAIR,
    )
    canvas.line([(person - 30, 410), (person - 108, 350)], palette.layers[3], 22)
    canvas.disc(person - 116, 343, 12, (232, 190, 160))
    tones = [palette.layers[2], palette.accent, palette.layers[3], palette.layers[1], palette.layers[4]]
    for row, (base, size, count) in enumerate(((690, 0.82, 6), (800, 1.06, 5), (940, 1.36, 4))):
        for index in range(count):
            x = 800 + (index - (count - 1) / 2) * 285 * size + (row % 2) * 40 - 60
            tone = tones[(index * 2 + row) % len(tones)]
            _person(canvas, x, base, size, tone)
            canvas.disc(x, base - 118 * size, 31 * size, HAIR, squash=1.08)
        canvas.box(-20, base - 4, 1640, 20 * size, mix(palette.layers[1], (176, 128, 84), 0.55))
        canvas.box(-20, base + 16 * size - 4, 1640, 60, mix(palette.layers[2], (120, 84, 58), 0.5))


def meeting(canvas: Canvas) -> None:
    """A round table from above, papers, cups, people as simple shapes."""
    palette = canvas.palette
    canvas.gradient([mix(palette.layers[0], palette.paper, 0.45), mix(palette.layers[1], palette.paper, 0.3)], 0, 900)
    for column in range(-4, 30):
        canvas.line([(column * 90 - 200, 0), (column * 90 + 120, 900)], palette.paper, 2, 0.25)
    canvas.polygon([(0, 0), (520, 0), (120, 900), (0, 900)], palette.light, 0.3)
    canvas.polygon([(680, 0), (900, 0), (500, 900), (280, 900)], palette.light, 0.22)
    x, y = 800, 455
    wood = mix((196, 146, 98), palette.layers[1], 0.25)
    seats = 9
    for index in range(seats):
        angle = index / seats * math.tau + 0.2
        px, py = x + math.cos(angle) * 478, y + math.sin(angle) * 352
        tone = palette.accent if index == 6 else (palette.layers[3], palette.layers[2], palette.layers[4])[index % 3]
        canvas.disc(px + 12, py + 16, 84, palette.ink, 0.18)
        across = (-math.sin(angle), math.cos(angle))
        for side in (-1, 1):
            canvas.disc(px + across[0] * side * 46, py + across[1] * side * 46, 40, tone)
        canvas.disc(px, py, 56, tone)
        for side in (-1, 1):
            arm = (px + across[0] * side * 54 - math.cos(angle) * 10, py + across[1] * side * 54 - math.sin(angle) * 10)
            hand = (
                px + across[0] * side * 26 - math.cos(angle) * 104,
                py + across[1] * side * 26 - math.sin(angle) * 104,
            )
            canvas.line([arm, hand], tone, 30)
    canvas.disc(x + 14, y + 22, 396, palette.ink, 0.2, 0.69)
    canvas.disc(x, y, 392, mix(wood, palette.ink, 0.25), squash=0.7)
    canvas.disc(x, y - 8, 384, wood, squash=0.69)
    canvas.disc(x - 60, y - 40, 280, palette.light, 0.14, 0.6)
    for index in range(seats):
        angle = index / seats * math.tau + 0.2
        px, py = x + math.cos(angle) * 478, y + math.sin(angle) * 352
        canvas.disc(px + math.cos(angle) * 6, py + math.sin(angle) * 6, 38, HAIR)
        sheet_x, sheet_y = x + math.cos(angle) * 290, y + math.sin(angle) * 196
        turn = angle + math.pi / 2
        corners = [(-34, -46), (34, -46), (34, 46), (-34, 46)]
        canvas.polygon(
            [
                (sheet_x + a * math.cos(turn) - b * math.sin(turn), sheet_y + a * math.sin(turn) + b * math.cos(turn))
                for a, b in corners
            ],
            palette.paper,
        )
        for line in (-26, -12, 2, 16):
            left = (
                sheet_x - 22 * math.cos(turn) - line * math.sin(turn),
                sheet_y - 22 * math.sin(turn) + line * math.cos(turn),
            )
            right = (
                sheet_x + 22 * math.cos(turn) - line * math.sin(turn),
                sheet_y + 22 * math.sin(turn) + line * math.cos(turn),
            )
            canvas.line([left, right], palette.layers[1], 3, 0.7)
        cup = (x + math.cos(angle + 0.24) * 296, y + math.sin(angle + 0.24) * 200)
        canvas.disc(*cup, 19, palette.paper)
        canvas.disc(*cup, 14, mix(palette.accent, (120, 82, 40), 0.7), 0.75)
    canvas.disc(x, y - 10, 62, mix(palette.layers[2], (70, 120, 84), 0.6))
    for leaf in range(14):
        angle = leaf / 14 * math.tau
        canvas.disc(
            x + math.cos(angle) * 46,
            y - 10 + math.sin(angle) * 40,
            24,
            mix((96, 150, 100), palette.layers[leaf % 3 + 1], 0.35),
        )
    canvas.disc(x, y - 10, 24, mix((130, 176, 116), palette.paper, 0.15))


def _book_tones(canvas: Canvas) -> list[tuple[int, int, int]]:
    palette = canvas.palette
    return [
        palette.layers[2],
        palette.accent,
        palette.layers[3],
        mix(palette.layers[0], (214, 178, 112), 0.6),
        palette.layers[4],
        palette.paper,
        mix(palette.layers[1], (96, 128, 118), 0.5),
    ]


def library(canvas: Canvas) -> None:
    """Shelves full of spines under a lamp."""
    palette = canvas.palette
    back = mix(palette.layers[4], (70, 48, 36), 0.55)
    canvas.gradient([back, mix(back, palette.ink, 0.3)], 0, 900)
    shelf = mix((150, 106, 70), palette.layers[2], 0.25)
    tones = _book_tones(canvas)
    for row, floor in enumerate((270, 560, 850)):
        x = 40.0
        while x < 1560:
            wide, tall = canvas.random.uniform(24, 58), canvas.random.uniform(150, 222)
            tone = canvas.random.choice(tones)
            if canvas.random.random() < 0.06:
                x += 60
                continue
            if canvas.random.random() < 0.09 and x < 1440:
                lean = 34
                canvas.polygon(
                    [(x + lean, floor), (x + lean + wide, floor), (x + wide, floor - tall), (x, floor - tall + 8)], tone
                )
                x += wide + lean + 6
                continue
            canvas.box(x, floor - tall, wide, tall, tone)
            canvas.box(x, floor - tall, wide * 0.22, tall, palette.paper, 0.12)
            canvas.box(x + wide - 4, floor - tall, 4, tall, palette.ink, 0.25)
            mark = palette.light if sum(tone) < 480 else palette.layers[3]
            canvas.box(x + wide * 0.22, floor - tall + 26, wide * 0.56, 4, mark, 0.85)
            canvas.box(x + wide * 0.3, floor - tall * 0.6, wide * 0.4, tall * 0.26, mark, 0.5)
            x += wide + 2
        canvas.box(0, floor, 1600, 22, shelf)
        canvas.box(0, floor + 22, 1600, 20, palette.ink, 0.4)
        if row == 0:
            continue
    for side in (0, 1576):
        canvas.box(side, 0, 24, 900, mix(shelf, palette.ink, 0.2))
    canvas.box(788, 0, 24, 900, shelf)
    canvas.glow(1190, 420, 560, palette.light, 0.34)
    canvas.glow(360, 700, 420, palette.light, 0.2)


def books(canvas: Canvas) -> None:
    """A stack of books, an open one, a lamp: a desk in the evening or morning."""
    palette = canvas.palette
    _room(canvas, 620)
    canvas.box(0, 0, 1600, 620, palette.layers[1], 0.3)
    _window(canvas, 930, 70, 520, 430, 3)
    wood = mix((178, 128, 84), palette.layers[2], 0.25)
    canvas.gradient([mix(wood, palette.paper, 0.12), mix(wood, palette.ink, 0.25)], 620, 900)
    canvas.glow(430, 540, 420, palette.light, 0.4)
    base = 690.0
    for index, (wide, tall, tone) in enumerate(
        (
            (430, 52, palette.layers[4]),
            (390, 44, palette.accent),
            (410, 58, palette.layers[2]),
            (330, 40, mix(palette.layers[0], (214, 178, 112), 0.6)),
            (350, 46, palette.layers[3]),
        )
    ):
        left = 960 + (index * 37) % 60
        canvas.box(left, base - tall, wide, tall, tone, radius=5)
        canvas.box(left + 14, base - tall + 7, wide - 8, tall - 14, palette.paper)
        canvas.box(left, base - tall, 46, tall, tone, radius=5)
        canvas.box(left + 14, base - tall, 5, tall, palette.light, 0.6)
        base -= tall
    x, y = 640, 760
    for side in (-1, 1):
        cover = [(x, y + 62), (x + side * 330, y + 36), (x + side * 300, y - 78), (x, y - 46)]
        canvas.polygon([(px, py + 12) for px, py in cover], palette.accent)
        page = [(x, y + 54)]
        for step in range(21):
            share = step / 20
            page.append((x + side * 318 * share, y + 54 - 26 * share - 26 * math.sin(share * math.pi) * 0.8))
        for step in range(20, -1, -1):
            share = step / 20
            page.append((x + side * 290 * share, y - 58 - 26 * share - 22 * math.sin(share * math.pi) * 0.8))
        canvas.polygon(page, palette.paper)
        canvas.polygon(
            [(x, y + 54), (x + side * 44, y + 40), (x + side * 40, y - 74), (x, y - 58)], palette.layers[1], 0.35
        )
        for row in range(6):
            top = y - 48 + row * 16
            canvas.line(
                [
                    (x + side * 70, top - 14 - row),
                    (x + side * 165, top - 20 - row),
                    (x + side * (250 - row % 2 * 60), top - 20 - row),
                ],
                palette.layers[2],
                3,
                0.6,
            )
    canvas.box(292, 706, 190, 20, palette.ink, radius=10)
    canvas.line([(386, 706), (330, 520), (430, 380)], palette.ink, 12)
    canvas.polygon([(392, 350), (478, 412), (420, 506), (306, 428)], palette.layers[3])
    canvas.polygon([(420, 506), (306, 428), (300, 440), (412, 518)], palette.light)
    canvas.polygon([(300, 440), (412, 518), (560, 760), (160, 740)], palette.light, 0.14)


def workshop(canvas: Canvas) -> None:
    """Tools on a board, gears, a bench: everything in its place."""
    palette = canvas.palette
    wall = mix(palette.layers[3], palette.layers[2], 0.4)
    canvas.gradient([wall, mix(wall, palette.ink, 0.25)], 0, 900)
    board = mix(palette.layers[1], palette.paper, 0.2)
    canvas.box(90, 70, 1420, 520, mix(board, palette.ink, 0.25), radius=10)
    canvas.box(102, 82, 1396, 496, board, radius=6)
    for row in range(12):
        for column in range(34):
            canvas.disc(126 + column * 41, 106 + row * 41, 4, palette.layers[3], 0.5)
    steel, dark, handle = mix(palette.paper, palette.layers[0], 0.35), palette.ink, palette.accent
    for index, size in enumerate((1.0, 0.86, 0.74, 0.63, 0.54, 0.46)):
        x, y, length = 180 + index * 74, 140, 320 * size
        canvas.box(x - 9 * size, y + 30 * size, 18 * size, length - 60 * size, steel, radius=7 * size)
        for end, gap in ((y + 22 * size, -1), (y + length - 22 * size, 1)):
            canvas.disc(x, end, 27 * size, steel)
            if gap < 0:
                canvas.polygon(
                    [
                        (x - 11 * size, end - 34 * size),
                        (x + 11 * size, end - 34 * size),
                        (x + 9 * size, end + 2),
                        (x - 9 * size, end + 2),
                    ],
                    board,
                )
            else:
                canvas.disc(x, end, 13 * size, board)
    for index in range(4):
        x = 700 + index * 66
        canvas.box(x - 15, 150, 30, 130, handle if index % 2 == 0 else palette.layers[3], radius=12)
        canvas.box(x - 5, 278, 10, 150 - index * 18, steel)
    x = 1010
    canvas.box(x - 11, 190, 22, 270, mix((176, 122, 76), palette.layers[2], 0.2), radius=8)
    canvas.box(x - 74, 140, 148, 62, dark, radius=8)
    canvas.box(x - 74, 140, 40, 62, steel, radius=8)
    for cx, cy, radius, teeth, tone in (
        (1260, 250, 118, 16, steel),
        (1398, 402, 82, 11, palette.accent),
        (1222, 452, 74, 10, palette.layers[3]),
    ):
        shape = []
        for tooth in range(teeth * 4):
            angle = tooth / (teeth * 4) * math.tau
            reach = radius * (1.0 if tooth % 4 in (0, 1) else 0.84)
            shape.append((cx + math.cos(angle) * reach, cy + math.sin(angle) * reach))
        canvas.polygon([(px + 8, py + 10) for px, py in shape], dark, 0.3)
        canvas.polygon(shape, tone)
        canvas.disc(cx, cy, radius * 0.6, mix(tone, dark, 0.18))
        canvas.disc(cx, cy, radius * 0.52, tone)
        canvas.disc(cx, cy, radius * 0.2, dark)
        canvas.disc(cx, cy, radius * 0.13, board)
    wood = mix((170, 122, 80), palette.layers[2], 0.2)
    canvas.box(0, 690, 1600, 46, mix(wood, palette.paper, 0.15))
    canvas.box(0, 736, 1600, 170, mix(wood, palette.ink, 0.45))
    for index in range(4):
        canvas.box(60 + index * 390, 762, 340, 112, mix(wood, palette.ink, 0.25), radius=6)
        canvas.box(190 + index * 390, 806, 80, 12, steel, radius=6)
    canvas.box(250, 640, 300, 50, palette.accent, radius=8)
    canvas.box(340, 616, 120, 14, dark, radius=6)
    canvas.box(346, 616, 10, 30, dark)
    canvas.box(444, 616, 10, 30, dark)
    canvas.disc(760, 690 - 52, 52, steel)
    canvas.disc(760, 690 - 52, 36, palette.layers[3])
    canvas.disc(760, 690 - 52, 20, steel)
    canvas.box(930, 662, 240, 28, palette.paper, radius=2)
    canvas.box(950, 672, 120, 5, palette.layers[2])
    canvas.glow(800, 40, 760, palette.light, 0.32)


def lanterns(canvas: Canvas) -> None:
    """A row of lit windows and hanging lanterns after dark."""
    palette = canvas.palette
    canvas.gradient(palette.sky, 0, 620)
    canvas.land(canvas.hills(420, 24), palette.layers[1])
    wall = palette.layers[4]
    canvas.box(0, 300, 1600, 600, wall)
    canvas.polygon(
        [(-40, 318), (120, 236), (1480, 236), (1640, 318), (1640, 300), (1640, 330), (-40, 330)],
        mix(wall, palette.layers[3], 0.5),
    )
    for row in range(40):
        canvas.line([(row * 42 - 20, 318), (120 + row * 34, 238)], wall, 3, 0.6)
    for index in range(4):
        x = 120 + index * 360
        canvas.glow(x + 140, 540, 330, palette.light, 0.42)
        canvas.box(x, 400, 280, 290, mix(palette.light, (240, 180, 96), 0.3), radius=4)
        for bar in range(1, 4):
            canvas.box(x + bar * 70 - 4, 400, 8, 290, wall)
        canvas.box(x, 480, 280, 8, wall)
        for person, tone in ((x + 86, palette.layers[2]), (x + 200, palette.layers[3])):
            if (index + int(person)) % 3:
                canvas.disc(person, 590, 20, HAIR, 0.85)
                canvas.polygon(
                    [(person - 42, 690), (person - 32, 622), (person + 32, 622), (person + 42, 690)], tone, 0.9
                )
        canvas.box(x - 12, 690, 304, 16, mix(wall, palette.layers[2], 0.6))
        canvas.polygon([(x, 720), (x + 280, 720), (x + 360, 900), (x - 80, 900)], palette.light, 0.12)
    for index in range(9):
        x = 90 + index * 180
        y = 352 + 14 * math.sin(index * 1.4)
        canvas.line([(x, 318), (x, y - 26)], palette.ink, 3)
        canvas.glow(x, y, 92, palette.accent, 0.5)
        canvas.disc(x, y, 34, palette.accent, squash=0.82)
        canvas.disc(x, y, 20, mix(palette.accent, palette.light, 0.4), 0.8, squash=1.3)
        canvas.box(x - 14, y - 32, 28, 7, (222, 176, 84), radius=2)
        canvas.box(x - 14, y + 25, 28, 7, (222, 176, 84), radius=2)
        canvas.line([(x, y + 32), (x, y + 58)], (222, 176, 84), 4)


def timetable(canvas: Canvas) -> None:
    """A train graph: time to the right, stations down, each slanting line a train."""
    palette = canvas.palette
    dark = sum(palette.sky[0]) < 260
    ground = palette.layers[4] if dark else palette.paper
    grid = palette.layers[2] if dark else palette.layers[0]
    canvas.gradient([ground, mix(ground, palette.layers[3] if dark else palette.layers[0], 0.25)], 0, 900)
    stations = [70, 140, 235, 300, 410, 470, 565, 640, 735, 830]
    for index, y in enumerate(stations):
        canvas.line([(0, y), (1600, y)], grid, 3.4 if index in (0, 4, 9) else 1.6, 0.75)
    for column in range(0, 1620, 40):
        canvas.line(
            [(column, 70), (column, 830)], grid, 2.4 if column % 240 == 0 else 1, 0.6 if column % 240 == 0 else 0.35
        )
    tones = [palette.layers[1] if dark else palette.layers[3], palette.layers[0] if dark else palette.layers[2]]
    for direction in (1, -1):
        start = -700.0
        while start < 1700:
            points, x = [], start
            order = stations if direction > 0 else stations[::-1]
            for first, second in itertools.pairwise(order):
                points.append((x, first))
                x += abs(second - first) * 0.82
                points.append((x, second))
                x += 10
            express = canvas.random.random() < 0.13
            tone = palette.accent if express else tones[direction > 0]
            canvas.line(points, tone, 5.5 if express else 2.6, 0.95 if express else 0.75)
            gap = 58 if 300 < start < 700 or 1100 < start < 1400 else 104
            start += gap
    here = 1010.0
    canvas.box(here, 50, 3.5, 800, palette.light if dark else palette.accent)
    canvas.glow(here, 470, 150, palette.light, 0.55 if dark else 0.25)
    for y in (187, 355, 517, 688):
        canvas.disc(here + 2, y, 11, palette.light if dark else palette.accent)
        canvas.disc(here + 2, y, 5, palette.ink if dark else palette.paper)
