"""What is in a file: streams as ffmpeg reads them, and a scan of all packets, because headers lie.

Both run inside the sandbox of `commands.GUARDS` and `runner`. The text of `ffmpeg -i` is parsed, since the wheel of
ffmpeg brings no ffprobe; it prints the same fields in all versions from 5 on.
"""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from pathlib import Path

from media_pipeline import commands, limits
from media_pipeline.runner import Bounds, RunStopped, Tick, run
from media_pipeline.sniff import Container
from media_pipeline.verdicts import MediaRefused

HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})

_STREAM = re.compile(r"^  Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (Video|Audio): (.*)$")
_DURATION = re.compile(r"^  Duration: (?:(\d+):(\d\d):(\d\d(?:\.\d+)?)|N/A)(?:, start: (-?\d+\.\d+))?")
_SIZE = re.compile(r", (\d+)x(\d+)(?: \[SAR (\d+):(\d+) DAR \d+:\d+\])?")
_PIXELS = re.compile(r", ([a-z][a-z0-9]+)(?:\(([^)]*)\))?, \d+x\d+")
_RATE = re.compile(r"(?:^|, )(\d+(?:\.\d+)?)(k?) (fps|tbr)")
_ROTATION = re.compile(r"^\s+[Dd]isplay ?[Mm]atrix: rotation of (-?\d+(?:\.\d+)?) degrees")
_HERTZ = re.compile(r", (\d+) Hz, ([^,]+)")
_CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6, "5.1(side)": 6, "7.1": 8}
_NO_TIMESTAMP = -(2**63)
_SOUND_TAIL_SECONDS = 0.5  # sound usually outlasts the picture by less than this


@dataclasses.dataclass(frozen=True)
class VideoFacts:
    """The picture stream. `width` and `height` are as shown: upright and with square pixels. `rotation` in degrees."""

    codec: str
    pixel_format: str
    coded_width: int
    coded_height: int
    width: int
    height: int
    frame_rate: Fraction
    rotation: int = 0
    transfer: str = ""
    full_range: bool = False
    interlaced: bool = False

    @property
    def is_hdr(self) -> bool:
        """Whether colours must be mapped down to ordinary screens."""
        return self.transfer in HDR_TRANSFERS


@dataclasses.dataclass(frozen=True)
class AudioFacts:
    """The sound stream."""

    codec: str
    sample_rate: int
    channels: int


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the headers say. `declared_seconds` is None where the container does not say."""

    video: VideoFacts
    audio: AudioFacts | None
    declared_seconds: float | None
    start_seconds: float


@dataclasses.dataclass(frozen=True)
class Span:
    """What packets of one stream say: count, begin and end in seconds from the container's own start (a little before zero
    for sound that a player must skip), and the longest gap between two of them."""

    packets: int
    start: float
    end: float
    longest_gap: float


@dataclasses.dataclass(frozen=True)
class Scan:
    """All packets of the picture and, if any, the sound."""

    video: Span
    audio: Span | None

    @property
    def seconds(self) -> float:
        """What there is to show, from the container's zero: to the end of the picture, or of a clearly longer sound."""
        if self.audio and self.audio.end > self.video.end + _SOUND_TAIL_SECONDS:
            return self.audio.end
        return self.video.end


def read_facts(ffmpeg: str, source: Path, container: Container, tick: Tick | None = None) -> Facts:
    """Read the headers of a file. Raises MediaRefused for what cannot be read, has no picture or is too large."""
    try:
        done = run(
            commands.probe(ffmpeg, source, container.demuxer),
            Bounds(wall_seconds=limits.PROBE_SECONDS, cpu_seconds=limits.PROBE_SECONDS),
            tick=tick,
        )
    except RunStopped:
        raise MediaRefused("too_slow") from None
    facts = parse_facts(done.errors)
    if facts is None:
        if "moov atom not found" in done.errors:
            raise MediaRefused("no_index")
        if "Picture size" in done.errors and "is invalid" in done.errors:
            raise MediaRefused("too_many_pixels", width="?", height="?")
        has_streams = re.search(r"^  Stream #0:", done.errors, re.MULTILINE)
        raise MediaRefused("no_video" if has_streams else "unreadable")
    _check_facts(facts)
    return facts


def _check_facts(facts: Facts) -> None:
    video = facts.video
    if video.codec in {"none", "unknown"}:
        raise MediaRefused("unsupported_codec", codec=video.codec)
    if video.coded_width * video.coded_height > limits.MAX_PIXELS:
        raise MediaRefused("too_many_pixels", width=video.coded_width, height=video.coded_height)
    if not video.width or not video.height:
        raise MediaRefused("unreadable")


def parse_facts(text: str) -> Facts | None:
    """Read what `ffmpeg -i` prints; None when there is no picture stream (a cover picture is none)."""
    video: list[tuple[str, int]] = []
    audio: AudioFacts | None = None
    declared: float | None = None
    start = 0.0
    in_video = False
    for line in text.splitlines():
        if found := _DURATION.match(line):
            hours, minutes, seconds, begin = found.groups()
            declared = int(hours) * 3600 + int(minutes) * 60 + float(seconds) if hours else None
            start = float(begin) if begin else 0.0
        elif found := _STREAM.match(line):
            _, kind, rest = found.groups()
            in_video = kind == "Video" and "(attached pic)" not in rest and not video
            if in_video:
                video.append((rest, 0))
            elif kind == "Audio" and audio is None:
                audio = _audio_facts(rest)
        elif in_video and (found := _ROTATION.match(line)):
            video[0] = (video[0][0], round(float(found[1])))
    if not video:
        return None
    return Facts(_video_facts(*video[0]), audio, declared, start)


def _video_facts(rest: str, rotation: int) -> VideoFacts:
    size = _SIZE.search(rest)
    coded_width, coded_height = (int(size[1]), int(size[2])) if size else (0, 0)
    width, height = coded_width, coded_height
    if size and size[3] and int(size[3]) and int(size[4]):
        width = max(1, round(width * int(size[3]) / int(size[4])))
    if rotation % 180:
        width, height = height, width
    pixels = _PIXELS.search(rest)
    details = [word for part in (pixels[2] or "").split(", ") for word in part.split("/")] if pixels else []
    rates = {unit: _rate(number, kilo) for number, kilo, unit in _RATE.findall(rest)}
    return VideoFacts(
        codec=rest.split()[0].rstrip(","),
        pixel_format=pixels[1] if pixels else "",
        coded_width=coded_width,
        coded_height=coded_height,
        width=width,
        height=height,
        frame_rate=rates.get("fps") or rates.get("tbr") or Fraction(25),
        rotation=rotation,
        transfer=next((word for word in details if word in HDR_TRANSFERS), ""),
        full_range="pc" in details,
        interlaced=any(word.endswith(" first") for word in details),
    )


def _rate(number: str, kilo: str) -> Fraction:
    """A printed rate as an exact one: 29.97 means 30000/1001."""
    value = Fraction(number) * (1000 if kilo else 1)
    for exact in (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(15000, 1001)):
        if abs(value - exact) < Fraction(6, 1000):
            return exact
    return value


def _audio_facts(rest: str) -> AudioFacts | None:
    hertz = _HERTZ.search(rest)
    if not hertz:
        return None  # a sound stream without parameters cannot be decoded
    layout = hertz[2].strip()
    counted = re.match(r"(\d+) channels", layout)
    channels = int(counted[1]) if counted else _CHANNELS.get(layout, 2)
    return AudioFacts(rest.split()[0].rstrip(","), int(hertz[1]), channels)


class _SpanCounter:
    def __init__(self, tick_seconds: Fraction) -> None:
        self.tick = tick_seconds
        self.packets = 0
        self.keys = 0
        self.first: int | None = None
        self.end = 0
        self.last_decode: int | None = None
        self.gap = 0

    def add(self, decode: int, show: int, length: int, *, is_key: bool) -> None:
        if decode == _NO_TIMESTAMP:
            decode = show
        if show == _NO_TIMESTAMP:
            show = decode
        if show == _NO_TIMESTAMP:
            return
        self.packets += 1
        self.keys += is_key
        self.first = show if self.first is None else min(self.first, show)
        self.end = max(self.end, show + length)
        if self.last_decode is not None:
            self.gap = max(self.gap, decode - self.last_decode)
        self.last_decode = decode

    def span(self) -> Span | None:
        if not self.packets or self.first is None:
            return None
        seconds = float(self.tick)
        return Span(self.packets, self.first * seconds, self.end * seconds, self.gap * seconds)


class PacketReader:
    """Reads the lines of ffmpeg's framecrc output: one line a packet, all streams mixed."""

    def __init__(self) -> None:
        self._streams: dict[int, _SpanCounter] = {}

    def __call__(self, line: str) -> None:
        if line.startswith("#tb "):
            index, value = line[4:].split(":", 1)
            self._streams[int(index)] = _SpanCounter(Fraction(value.strip()))
        elif line and line[0].isdigit():
            parts = [part.strip() for part in line.split(",")]
            # without a flags field ffmpeg means: a key packet of a stream whose packets usually are
            flags = next((part for part in parts[6:] if part.startswith("F=0x")), "F=0x1")
            self._streams[int(parts[0])].add(
                int(parts[1]), int(parts[2]), int(parts[3]), is_key=bool(int(flags[4:], 16) & 1)
            )

    def span(self, index: int) -> Span | None:
        """What stream `index` held, or None for no packet at all."""
        counter = self._streams.get(index)
        return counter.span() if counter else None

    def keys(self, index: int) -> int:
        """Key packets of stream `index`."""
        counter = self._streams.get(index)
        return counter.keys if counter else 0


def scan_packets(ffmpeg: str, source: Path, container: Container, facts: Facts, tick: Tick | None = None) -> Scan:
    """Read every packet without decoding. Raises MediaRefused when there are too few, a long hole, or too much time."""
    reader = PacketReader()
    try:
        run(
            commands.scan(ffmpeg, source, container.demuxer, with_audio=facts.audio is not None),
            Bounds(
                wall_seconds=limits.SCAN_SECONDS, cpu_seconds=limits.SCAN_SECONDS, stall_seconds=limits.STALL_SECONDS
            ),
            on_line=reader,
            tick=tick,
        )
    except RunStopped:
        raise MediaRefused("too_slow") from None
    video = reader.span(0)
    if video is None or video.packets < 2:
        raise MediaRefused("too_short")
    scan = Scan(video, reader.span(1))
    if video.longest_gap > limits.MAX_GAP_SECONDS:
        raise MediaRefused("time_gap", gap=limits.spoken_seconds(video.longest_gap))
    if scan.seconds > limits.MAX_SOURCE_SECONDS:
        raise MediaRefused("too_long", minutes=round(scan.seconds / 60), limit=round(limits.MAX_SOURCE_SECONDS / 60))
    return scan


def check_complete(facts: Facts, scan: Scan) -> None:
    """Raise MediaRefused("truncated") when the packets end clearly before the declared duration."""
    declared = facts.declared_seconds
    if declared is None:
        return
    missing = declared - scan.seconds
    if missing > 1.0 and scan.seconds < declared * limits.TRUNCATED_SHARE:
        raise MediaRefused(
            "truncated", declared=limits.spoken_seconds(declared), actual=limits.spoken_seconds(scan.seconds)
        )
