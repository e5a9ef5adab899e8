"""Argument lists for ffmpeg. Pure; the only place that uses ffmpeg-python, which here does nothing but compile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ffmpeg

from media_pipeline import limits

if TYPE_CHECKING:
    from media_pipeline.ladder import Plan

CRF = 23
PRESET = "veryfast"
SEGMENT_OPTIONS = "use_editlist=0:movflags=+negative_cts_offsets"  # else sound is early where edit lists are ignored
_MAX_ALLOCATION = str(2_000_000_000)


def _program(binary: str, *, level: str = "error") -> list[str]:
    return [binary, "-hide_banner", "-nostdin", "-loglevel", level, "-max_alloc", _MAX_ALLOCATION]


def _guarded_input(source: Path, demuxer: str, **options: Any) -> Any:
    """An input that can read this one local file and nothing else, with the one demuxer that its content asks for."""
    return ffmpeg.input(
        f"file:{source}",
        f=demuxer,
        protocol_whitelist="file",
        format_whitelist=demuxer,
        max_pixels=limits.MAX_PIXELS,
        max_streams=limits.MAX_STREAMS,
        **options,
    )


def probe(binary: str, source: Path, demuxer: str) -> list[str]:
    """Print what the headers say (and exit with an error, for there is no output)."""
    arguments = ffmpeg.output(_guarded_input(source, demuxer), "-", f="null").get_args()
    return [*_program(binary, level="info"), *arguments[: arguments.index("-i") + 2]]


def scan(binary: str, source: Path, demuxer: str, *, with_audio: bool) -> list[str]:
    """Print one line for each packet of the picture and the sound."""
    opened = _guarded_input(source, demuxer)
    streams = [opened["V:0"], *([opened["a:0"]] if with_audio else [])]
    return list(ffmpeg.output(*streams, "-", f="framecrc", c="copy").compile(cmd=_program(binary)))


def encode(binary: str, source: Path, demuxer: str, plan: Plan, *, threads: int) -> list[str]:
    """Make all rungs from one decode, and the sound once, as HLS with one file a rung, in the working folder."""
    opened = _guarded_input(source, demuxer, threads=threads)
    streams = _pictures(opened["V:0"], plan)
    groups = [
        f"v:{index},agroup:sound,name:{rung.name}" if plan.has_audio else f"v:{index},name:{rung.name}"
        for index, rung in enumerate(plan.rungs)
    ]
    options: dict[str, Any] = {}
    if plan.has_audio:
        streams.append(_sound(opened["a:0"], plan))
        groups.append("a:0,agroup:sound,name:a0")
        options |= {"c:a": "aac", "b:a": 128_000, "ac": 2, "ar": 48_000}
    for index, rung in enumerate(plan.rungs):
        options[f"maxrate:v:{index}"] = rung.max_bitrate
        options[f"bufsize:v:{index}"] = rung.max_bitrate * 2
    for index, count in enumerate(encoder_shares(plan, threads)):
        options[f"threads:v:{index}"] = count
    if plan.tone_map:
        options |= {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}
    output = ffmpeg.output(
        *streams,
        "%v.m3u8",
        **options,
        **{"c:v": "libx264", "profile:v": "high", "sc_threshold:v": 0},
        f="hls",
        preset=PRESET,
        crf=CRF,
        pix_fmt="yuv420p",
        color_range="tv",
        g=plan.keyframe_every,
        keyint_min=plan.keyframe_every,
        map_metadata=-1,
        map_chapters=-1,
        var_stream_map=" ".join(groups),
        hls_time=6,
        hls_playlist_type="vod",
        hls_flags="single_file+independent_segments",
        hls_segment_type="fmp4",
        hls_segment_filename="%v.m4s",
        hls_segment_options=SEGMENT_OPTIONS,
    )
    program = [*_program(binary), "-progress", "pipe:1", "-nostats", "-stats_period", "1"]
    if not (plan.tone_map or plan.deinterlace):
        program += ["-filter_complex_threads", "1"]  # scaling alone never holds the encoders up
    return list(output.compile(cmd=program))


def encoder_shares(plan: Plan, threads: int) -> list[int]:
    """Threads for the encoder of each rung, by its share of all pixels, at least one. The encoders run side by side, so
    threads beyond that only cost: a twentieth of the CPU time of a ladder on two cores."""
    areas = [rung.width * rung.height for rung in plan.rungs]
    return [max(1, round(threads * area / sum(areas))) for area in areas]


def _pictures(video: Any, plan: Plan) -> list[Any]:
    """One stream a rung; each is scaled from the next larger one."""
    if plan.deinterlace:
        video = video.filter("bwdif", mode="send_frame", deint="interlaced")
    rate = f"{plan.frame_rate.numerator}/{plan.frame_rate.denominator}"
    video = video.filter("fps", fps=rate, start_time=0)
    video = video.filter("tpad", stop_mode="clone", stop_duration=plan.padding_seconds)
    video = video.filter("trim", end_frame=plan.frames)
    streams = []
    for index, rung in enumerate(plan.rungs):
        video = video.filter("scale", rung.width, rung.height, flags="bicubic", out_range="tv").filter("setsar", "1")
        if index == 0:
            if plan.tone_map:
                video = _tone_mapped(video)
            video = video.filter("format", "yuv420p")
        if index == len(plan.rungs) - 1:
            streams.append(video)
        else:
            both = video.split()
            streams.append(both[0])
            video = both[1]
    return streams


def _tone_mapped(video: Any) -> Any:
    """From HDR to ordinary colours; done on the largest rung, after scaling, where it is cheapest."""
    linear = video.filter("zscale", transfer="linear", npl=100).filter("format", "gbrpf32le")
    mapped = linear.filter("zscale", primaries="bt709").filter("tonemap", tonemap="hable", desat=0)
    return mapped.filter("zscale", transfer="bt709", matrix="bt709", range="tv")


def _sound(audio: Any, plan: Plan) -> Any:
    """The sound from the same zero as the picture, filled with silence or cut to the same length."""
    audio = audio.filter("aresample", 48_000, first_pts=0, **{"async": 1})
    return audio.filter("apad", whole_dur=f"{plan.seconds:.6f}").filter("atrim", end=f"{plan.seconds:.6f}")


def packets(binary: str, made: Path) -> list[str]:
    """Print one line for each packet of an output of ours."""
    opened = _guarded_input(made, "mov")
    return list(ffmpeg.output(opened["0"], "-", f="framecrc", c="copy").compile(cmd=_program(binary)))


def poster(binary: str, made: Path, target: Path) -> list[str]:
    """Make a JPEG of the most telling of the first key frames."""
    opened = _guarded_input(made, "mov", skip_frame="nokey")
    picture = opened["V:0"].filter("thumbnail", n=15)
    output = ffmpeg.output(picture, f"file:{target}", f="image2", vframes=1, update=1, **{"q:v": 4})
    return list(output.compile(cmd=_program(binary), overwrite_output=True))
