"""From what a file is to what shall be made of it. Pure: no file, no database, no clock."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from fractions import Fraction

from media_pipeline.probe import Facts, Scan

PROFILE = "h264-aac-1"  # raise the number when outputs change, so that a retry makes new ones
SEGMENT_SECONDS = 6
KEYFRAME_SECONDS = 2
AUDIO_BITRATE = 128_000
AUDIO_RATE = 48_000
MAX_FRAME_RATE = 30
MIN_FRAME_RATE = 10
_BOXES = (1080, 720, 480, 360, 240, 144)
_USUAL_RUNGS = 4
_SMALL_BOX = 360  # rungs below this are made only to have two
_NEXT_RUNG_SHARE = 0.85
_CAPS = ((144, 200_000), (240, 400_000), (360, 700_000), (480, 1_200_000), (720, 2_500_000), (1080, 4_500_000))


@dataclasses.dataclass(frozen=True)
class Rung:
    """One size of the picture; `max_bitrate` in bits per second caps a constant-quality encode."""

    name: str
    width: int
    height: int
    max_bitrate: int


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to encode: exactly `frames` pictures at `frame_rate` for every rung, and as much sound."""

    rungs: tuple[Rung, ...]
    frame_rate: Fraction
    frames: int
    padding_seconds: float
    has_audio: bool
    tone_map: bool
    deinterlace: bool

    @property
    def seconds(self) -> float:
        """Duration of every output."""
        return float(self.frames / self.frame_rate)

    @property
    def keyframe_every(self) -> int:
        """Frames from one key frame to the next."""
        return round(self.frame_rate * KEYFRAME_SECONDS)

    @property
    def estimated_bytes(self) -> int:
        """An upper estimate of all outputs together."""
        bits = sum(rung.max_bitrate for rung in self.rungs) + (AUDIO_BITRATE if self.has_audio else 0)
        return int(bits * self.seconds / 8 * 1.1) + 1024 * 1024

    def fingerprint(self, source_sha256: str) -> str:
        """Names this plan for this source: equal means that a made version can stay."""
        words = json.dumps([PROFILE, source_sha256, dataclasses.asdict(self)], default=str, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()


def plan_for(facts: Facts, scan: Scan) -> Plan:
    """The plan for a checked file: two to four rungs, none larger than the source, at most 30 frames a second."""
    rate = output_frame_rate(facts.video.frame_rate)
    frames = max(2, round(scan.seconds * rate))
    return Plan(
        rungs=rungs_for(facts.video.width, facts.video.height),
        frame_rate=rate,
        frames=frames,
        padding_seconds=round(scan.seconds - scan.video.end + 1.0, 3),
        has_audio=facts.audio is not None and scan.audio is not None,
        tone_map=facts.video.is_hdr,
        deinterlace=facts.video.interlaced,
    )


def output_frame_rate(source: Fraction) -> Fraction:
    """The rate to encode at: the source's own up to 30, half of it up to 62, else 30; at least 10."""
    if source <= 0:
        return Fraction(25)
    if source > MAX_FRAME_RATE + 1:
        half = source / 2
        return half if half <= MAX_FRAME_RATE + 1 else Fraction(MAX_FRAME_RATE)
    return max(source, Fraction(MIN_FRAME_RATE)).limit_denominator(1001)


def rungs_for(width: int, height: int) -> tuple[Rung, ...]:
    """Sizes from large to small for a picture as shown: fitted into 16:9 (or 9:16) boxes, even, never enlarged."""
    chosen: list[tuple[int, int]] = []
    last_scale = 0.0
    for box in _BOXES:
        long, short = box * 16 / 9, float(box)
        box_width, box_height = (long, short) if width >= height else (short, long)
        scale = min(box_width / width, box_height / height, 1.0)
        if chosen:
            wanted = len(chosen) < _USUAL_RUNGS if box >= _SMALL_BOX else len(chosen) < 2
            if not wanted or scale > last_scale * _NEXT_RUNG_SHARE:
                continue
        elif scale == 1.0 and box > _BOXES[0]:
            continue
        size = (_even(width * scale), _even(height * scale))
        if chosen and min(size) < 16:
            continue
        chosen.append(size)
        last_scale = scale
    return tuple(
        Rung(f"v{index}", rung_width, rung_height, _cap(rung_width, rung_height))
        for index, (rung_width, rung_height) in enumerate(chosen)
    )


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


def _cap(width: int, height: int) -> int:
    """Bits per second for a size, between the fixed points of the table by the height of a 16:9 picture of the same area."""
    lines = (width * height * 9 / 16) ** 0.5
    if lines <= _CAPS[0][0]:
        return _CAPS[0][1]
    for (low_lines, low), (high_lines, high) in itertools.pairwise(_CAPS):
        if lines <= high_lines:
            share = (lines - low_lines) / (high_lines - low_lines)
            return round((low + share * (high - low)) / 1000) * 1000
    return _CAPS[-1][1]
