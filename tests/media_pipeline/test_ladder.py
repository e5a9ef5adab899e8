from fractions import Fraction

import pytest

from media_pipeline.commands import encoder_shares
from media_pipeline.ladder import Plan, output_frame_rate, rungs_for


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1920, 1080), [(1920, 1080), (1280, 720), (854, 480), (640, 360)]),
        ((3840, 2160), [(1920, 1080), (1280, 720), (854, 480), (640, 360)]),
        ((1080, 1920), [(1080, 1920), (720, 1280), (480, 854), (360, 640)]),
        ((1366, 768), [(1366, 768), (854, 480), (640, 360)]),
        ((1920, 804), [(1920, 804), (1280, 536), (854, 358), (640, 268)]),
        ((640, 360), [(640, 360), (426, 240)]),
        ((320, 180), [(320, 180), (256, 144)]),
        ((641, 361), [(640, 360), (426, 240)]),
        ((16, 16), [(16, 16)]),
        ((4096, 64), [(1920, 30), (1280, 20)]),
    ],
)
def test_rungs_fit_the_picture_and_are_even(size, expected):
    rungs = rungs_for(*size)

    assert [(rung.width, rung.height) for rung in rungs] == expected
    assert [rung.name for rung in rungs] == [f"v{index}" for index in range(len(expected))]


def test_rungs_of_full_hd_have_the_bitrates_of_the_table():
    assert [rung.max_bitrate for rung in rungs_for(1920, 1080)][:2] == [4_500_000, 2_500_000]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("25", "25"),
        ("30000/1001", "30000/1001"),
        ("50", "25"),
        ("60", "30"),
        ("60000/1001", "30000/1001"),
        ("48", "24"),
        ("1000", "30"),
        ("120", "30"),
        ("1", "10"),
        ("0", "25"),
        ("24000/1001", "24000/1001"),
    ],
)
def test_output_frame_rate(source, expected):
    assert output_frame_rate(Fraction(source)) == Fraction(expected)


@pytest.mark.parametrize(
    ("threads", "shares"), [(1, [1, 1, 1, 1]), (2, [1, 1, 1, 1]), (4, [2, 1, 1, 1]), (8, [5, 2, 1, 1])]
)
def test_encoders_share_the_threads_by_pixels(threads, shares):
    rungs = rungs_for(1920, 1080)
    plan = Plan(rungs, Fraction(25), 50, 0.0, has_audio=True, tone_map=False, deinterlace=False)

    assert encoder_shares(plan, threads) == shares


def test_encoder_of_the_only_rung_gets_all_threads():
    rungs = rungs_for(1920, 1080)[:1]
    plan = Plan(rungs, Fraction(25), 50, 0.0, has_audio=False, tone_map=False, deinterlace=False)

    assert encoder_shares(plan, 2) == [2]
