"""Reading and writing HLS playlists: what ffmpeg made is checked byte by byte, the master playlist is our own."""

from __future__ import annotations

import dataclasses
import re
import struct
from collections.abc import Iterable, Iterator
from typing import Protocol

SOUND_LABEL = "声音"  # the name of the only sound track; players show it nowhere


class BrokenPackage(Exception):
    """An output is not what it should be; the message says what."""


@dataclasses.dataclass(frozen=True)
class Segment:
    """One segment: duration in seconds, place in the file in bytes."""

    seconds: float
    offset: int
    length: int


@dataclasses.dataclass(frozen=True)
class MediaPlaylist:
    """The playlist of one file: `header_bytes` is the initial section, the segments follow without a gap."""

    header_bytes: int
    segments: tuple[Segment, ...]

    @property
    def seconds(self) -> float:
        """Duration of all segments."""
        return sum(segment.seconds for segment in self.segments)

    @property
    def end(self) -> int:
        """Bytes of header and segments together."""
        return self.segments[-1].offset + self.segments[-1].length

    @property
    def peak_bandwidth(self) -> int:
        """Bits per second of the heaviest segment; one shorter than a second does not count unless there is no other."""
        counted = [segment for segment in self.segments if segment.seconds >= 1] or self.segments
        return max(round(segment.length * 8 / max(segment.seconds, 0.04)) for segment in counted)

    @property
    def average_bandwidth(self) -> int:
        """Bits per second over all."""
        return round(sum(segment.length for segment in self.segments) * 8 / max(self.seconds, 0.04))


class RenditionLike(Protocol):
    """What the master playlist tells of a rendition."""

    kind: str
    name: str
    codecs: str
    width: int
    height: int
    frame_rate: float
    average_bandwidth: int
    peak_bandwidth: int


_RANGE = re.compile(r"(\d+)@(\d+)$")


def read_playlist(text: str, file_name: str) -> MediaPlaylist:
    """Parse a media playlist made with byte ranges into `file_name`. Raises BrokenPackage for gaps or a missing end."""
    header = 0
    segments: list[Segment] = []
    seconds: float | None = None
    place: tuple[int, int] | None = None
    lines = text.splitlines()
    if not lines or lines[0] != "#EXTM3U" or lines[-1] != "#EXT-X-ENDLIST":
        raise BrokenPackage(f"{file_name}: playlist without begin or end")
    for line in lines:
        if line.startswith("#EXT-X-MAP:"):
            found = re.search(r'URI="([^"]+)",BYTERANGE="(\d+)@0"', line)
            if not found or found[1] != file_name:
                raise BrokenPackage(f"{file_name}: playlist names another header: {line}")
            header = int(found[2])
        elif line.startswith("#EXTINF:"):
            seconds = float(line[8:].split(",")[0])
        elif line.startswith("#EXT-X-BYTERANGE:"):
            found = _RANGE.search(line)
            place = (int(found[1]), int(found[2])) if found else None
        elif line and not line.startswith("#"):
            if line != file_name or seconds is None or place is None:
                raise BrokenPackage(f"{file_name}: segment without place or duration: {line}")
            expected = segments[-1].offset + segments[-1].length if segments else header
            if place[1] != expected:
                raise BrokenPackage(f"{file_name}: segment {len(segments)} begins at {place[1]}, not at {expected}")
            segments.append(Segment(seconds, place[1], place[0]))
            seconds = place = None
    if not header or not segments:
        raise BrokenPackage(f"{file_name}: playlist without header or segments")
    return MediaPlaylist(header, tuple(segments))


def codec_of_header(header: bytes) -> str:
    """The codec string (RFC 6381) of an initial section: the H.264 profile and level from its avcC box, or AAC-LC."""
    at = header.find(b"avcC")
    if at >= 0 and len(header) >= at + 8:
        profile, compatibility, level = header[at + 5], header[at + 6], header[at + 7]
        return f"avc1.{profile:02x}{compatibility:02x}{level:02x}"
    if b"mp4a" in header:
        return "mp4a.40.2"
    raise BrokenPackage("initial section without a known codec")


def begin_seconds(data: bytes) -> float:
    """When the first sample that is shown begins, as the boxes themselves say, with edit lists ignored.

    `data` is the initial section and at least the first `moof` of the file. (Reading it back with ffmpeg would not tell:
    it shifts what it reads.) Raises BrokenPackage.
    """
    times_a_second = 0
    decode = 0
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind == b"mdhd":
            times_a_second = struct.unpack_from(">I", data, start + (20 if data[start] == 1 else 12))[0]
        elif kind == b"tfdt":
            decode = struct.unpack_from(">Q" if data[start] == 1 else ">I", data, start + 4)[0]
        elif kind == b"trun" and times_a_second:
            return (decode + _first_shown(data, start, end)) / times_a_second
    raise BrokenPackage("no samples at the begin of the file")


_CONTAINER_BOXES = {b"moov", b"trak", b"mdia", b"moof", b"traf"}


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, start)
        if length < 8:
            return
        yield kind, start + 8, min(start + length, end)
        if kind in _CONTAINER_BOXES:
            yield from _boxes(data, start + 8, min(start + length, end))
        start += length


def _first_shown(data: bytes, start: int, end: int) -> int:
    """When the first sample of a `trun` box is shown, counted from its decode time. It is a key frame, so none is earlier."""
    flags = int.from_bytes(data[start + 1 : start + 4], "big")
    count = struct.unpack_from(">I", data, start + 4)[0]
    place = start + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    fields = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
    if 0x800 not in fields or place + 4 * len(fields) > end:
        return 0
    offset = 4 * fields.index(0x800)
    first: int = struct.unpack_from(">i", data, place + offset)[0] if count else 0
    return first


def master_playlist(renditions: Iterable[RenditionLike]) -> str:
    """The master playlist, largest picture first; addresses are relative to its own."""
    all_of_them = list(renditions)
    sound = next((rendition for rendition in all_of_them if rendition.kind == "audio"), None)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{SOUND_LABEL}",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="2",URI="{sound.name}.m3u8"'
        )
    pictures = [rendition for rendition in all_of_them if rendition.kind == "video"]
    for rung in sorted(pictures, key=lambda rendition: -rendition.peak_bandwidth):
        codecs = f"{rung.codecs},{sound.codecs}" if sound else rung.codecs
        peak = rung.peak_bandwidth + (sound.peak_bandwidth if sound else 0)
        average = rung.average_bandwidth + (sound.average_bandwidth if sound else 0)
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},RESOLUTION={rung.width}x{rung.height},"
            f'FRAME-RATE={rung.frame_rate:.3f},CODECS="{codecs}"' + (',AUDIO="sound"' if sound else "")
        )
        lines.append(f"{rung.name}.m3u8")
    return "\n".join(lines) + "\n"
