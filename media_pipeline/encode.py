"""From a plan to checked files in a work folder: encode, verify each output, make the poster."""

from __future__ import annotations

import dataclasses
import logging
import math
import re
from collections.abc import Callable
from pathlib import Path

from media_pipeline import commands, limits
from media_pipeline.ladder import Plan
from media_pipeline.package import BrokenPackage, MediaPlaylist, begin_seconds, codec_of_header, read_playlist
from media_pipeline.probe import PacketReader
from media_pipeline.runner import Bounds, Finished, RunStopped, Tick, run
from media_pipeline.sniff import Container
from media_pipeline.verdicts import MediaRefused

log = logging.getLogger(__name__)

POSTER = "poster.jpg"
_FIRST_SEGMENT_BYTES = 64 * 1024
_MAX_SOUND_DIFFERENCE_SECONDS = 0.1


class EncoderKilled(Exception):
    """ffmpeg was ended by a signal that was not ours: worth another try."""


class OutOfSpace(Exception):
    """The volume filled up while encoding: worth another try when there is room."""


@dataclasses.dataclass(frozen=True)
class Output:
    """One checked output file and its playlist."""

    name: str
    kind: str
    codecs: str
    width: int
    height: int
    frame_rate: float
    frames: int
    file_bytes: int
    playlist_text: str
    playlist: MediaPlaylist


@dataclasses.dataclass(frozen=True)
class Encoded:
    """What one encode gave. `damaged_spots`: complaints of the decoder about the source."""

    outputs: tuple[Output, ...]
    damaged_spots: int
    cpu_seconds: float


def encode(
    ffmpeg: str,
    source: Path,
    container: Container,
    plan: Plan,
    folder: Path,
    *,
    on_share: Callable[[float], None],
    tick: Tick | None,
    accepts_damage: bool = False,
) -> Encoded:
    """Encode and check all outputs of a plan into `folder`.

    `on_share` is told the share done, 0 to 1. Raises MediaRefused, EncoderKilled, OutOfSpace, and BrokenPackage when an
    output is not complete although the encoder was content. With `accepts_damage` fewer frames than planned are taken.
    """
    threads = limits.encoder_threads()
    argv = commands.encode(ffmpeg, source, container.demuxer, plan, threads=threads)
    log.debug("encoding %s: %s", source.name, " ".join(argv))
    done = _run_encoder(argv, plan, folder, on_share, tick)
    damaged = len([line for line in done.errors.splitlines() if line.strip()])
    frames = _frames_of(ffmpeg, folder / f"{plan.rungs[0].name}.m4s", tick)
    if frames < plan.frames:
        if not damaged:
            raise BrokenPackage(f"{frames} of {plan.frames} frames")
        if not accepts_damage or frames < 2:
            raise MediaRefused(
                "truncated",
                declared=limits.spoken_seconds(plan.seconds),
                actual=limits.spoken_seconds(float(frames / plan.frame_rate)),
            )
    outputs = [
        _checked_picture(ffmpeg, folder, rung.name, rung.width, rung.height, frames, plan, tick) for rung in plan.rungs
    ]
    if plan.has_audio:
        outputs.append(_checked_sound(ffmpeg, folder, "a0", plan, tick, exact=frames == plan.frames))
    return Encoded(tuple(outputs), damaged, done.cpu_seconds)


def _run_encoder(
    argv: list[str], plan: Plan, folder: Path, on_share: Callable[[float], None], tick: Tick | None
) -> Finished:
    def listen(line: str) -> None:
        if found := re.fullmatch(r"frame=\s*(\d+)", line):
            on_share(min(1.0, int(found[1]) / plan.frames))

    bounds = Bounds(
        wall_seconds=plan.seconds * 60 + 600,
        cpu_seconds=int(plan.seconds * 60 + 600),
        memory_bytes=limits.ENCODE_MEMORY,
        file_bytes=plan.estimated_bytes * 2 + 64 * 1024**2,
        stall_seconds=limits.STALL_SECONDS,
    )
    try:
        done = run(argv, bounds, folder=folder, on_line=listen, tick=tick)
    except RunStopped as stopped:
        raise MediaRefused("too_slow") from stopped
    if done.returncode == 0:
        return done
    log.warning("ffmpeg ended with %s: %s", done.returncode, done.errors[-2000:])
    if "No space left on device" in done.errors:
        raise OutOfSpace
    if done.returncode < 0 or done.returncode == 255:
        raise EncoderKilled(f"ffmpeg ended with {done.returncode}")
    if found := re.search(r"Decoding requested, but no decoder found for: (\S+)", done.errors):
        raise MediaRefused("unsupported_codec", codec=found[1])
    if "Invalid data found" in done.errors or "max error rate" in done.errors.lower():
        raise MediaRefused("unreadable")
    raise MediaRefused("encode_failed", detail=f"ffmpeg {done.returncode}")


def _read_packets(ffmpeg: str, made: Path, tick: Tick | None) -> PacketReader:
    reader = PacketReader()
    done = run(
        commands.packets(ffmpeg, made),
        Bounds(wall_seconds=limits.SCAN_SECONDS, cpu_seconds=limits.SCAN_SECONDS),
        on_line=reader,
        tick=tick,
    )
    if done.returncode != 0 or done.errors.strip():
        raise BrokenPackage(f"{made.name}: {done.errors.strip()[:300] or done.returncode}")
    return reader


def _frames_of(ffmpeg: str, made: Path, tick: Tick | None) -> int:
    if not made.is_file():
        raise BrokenPackage(f"{made.name} is missing")
    span = _read_packets(ffmpeg, made, tick).span(0)
    return span.packets if span else 0


def _checked_file(folder: Path, name: str) -> tuple[str, MediaPlaylist, int, str]:
    file = folder / f"{name}.m4s"
    text = (folder / f"{name}.m3u8").read_text(encoding="utf-8")
    playlist = read_playlist(text, file.name)
    size = file.stat().st_size
    if playlist.end != size:
        raise BrokenPackage(f"{file.name}: {size} bytes, the playlist tells of {playlist.end}")
    with file.open("rb") as handle:
        begin = handle.read(playlist.header_bytes + _FIRST_SEGMENT_BYTES)
    if abs(begin_seconds(begin)) > 0.001:
        raise BrokenPackage(f"{file.name}: begins at {begin_seconds(begin):.3f} s")
    return text, playlist, size, codec_of_header(begin[: playlist.header_bytes])


def _checked_picture(
    ffmpeg: str, folder: Path, name: str, width: int, height: int, frames: int, plan: Plan, tick: Tick | None
) -> Output:
    text, playlist, size, codecs = _checked_file(folder, name)
    reader = _read_packets(ffmpeg, folder / f"{name}.m4s", tick)
    span = reader.span(0)
    seconds = float(frames / plan.frame_rate)
    if span is None or span.packets != frames:
        raise BrokenPackage(f"{name}: {span.packets if span else 0} of {frames} frames")
    if reader.keys(0) != math.ceil(frames / plan.keyframe_every):
        raise BrokenPackage(f"{name}: {reader.keys(0)} key frames for {frames} frames")
    if abs(playlist.seconds - seconds) > 0.1:
        raise BrokenPackage(f"{name}: lasts {playlist.seconds:.3f} of {seconds:.3f} s")
    return Output(name, "video", codecs, width, height, float(plan.frame_rate), frames, size, text, playlist)


def _checked_sound(ffmpeg: str, folder: Path, name: str, plan: Plan, tick: Tick | None, *, exact: bool) -> Output:
    text, playlist, size, codecs = _checked_file(folder, name)
    span = _read_packets(ffmpeg, folder / f"{name}.m4s", tick).span(0)
    if span is None:
        raise BrokenPackage(f"{name}: no sound")
    if exact and abs(span.end - plan.seconds) > _MAX_SOUND_DIFFERENCE_SECONDS:
        raise BrokenPackage(f"{name}: sound ends at {span.end:.3f} of {plan.seconds:.3f} s")
    return Output(name, "audio", codecs, 0, 0, 0.0, 0, size, text, playlist)


def make_poster(ffmpeg: str, picture: Path, target: Path, tick: Tick | None) -> None:
    """Make the poster from an encoded rung. Raises BrokenPackage when none comes out."""
    done = run(commands.poster(ffmpeg, picture, target), Bounds(wall_seconds=120, cpu_seconds=120), tick=tick)
    if done.returncode != 0 or not target.is_file() or not target.stat().st_size:
        raise BrokenPackage(f"no poster: {done.errors[:300]}")
