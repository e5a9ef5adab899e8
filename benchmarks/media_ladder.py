"""What a video costs: all rungs beside the top rung alone, and the whole job beside the bare ladder command. CPU seconds,
same clip, same preset.

One decode feeds all rungs, so the ladder should stay below 1.8 times the top rung (peers that start one process a rung need
2.4 to 2.6 times). Probing, checking every output and the poster should add no more than a twentieth.
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media_pipeline import commands, encode, ffbin, ladder, limits, probe
from media_pipeline.runner import Bounds
from media_pipeline.runner import run as run_program
from media_pipeline.sniff import MP4

ROUNDS = 3
SECONDS = 8
SCENES = (  # a zoom, a test card, soft colours with grain, small moving cells: a quarter of the time each
    "mandelbrot=s=1920x1080:r=30",
    "testsrc2=s=1920x1080:r=30",
    "gradients=s=1920x1080:r=30:speed=0.02,noise=alls=6:allf=t",
    "life=s=480x270:r=30:mold=10:life_color=#b5121b:death_color=#303030,scale=1920x1080:flags=neighbor",
)


def run(options: Any = None) -> dict[str, Any]:
    """Measure; `options.rounds` may shorten or lengthen it. Returns the ratios and the medians behind them."""
    rounds = int(getattr(options, "rounds", None) or ROUNDS)
    tools = ffbin.find_tools()
    with tempfile.TemporaryDirectory(prefix="linghang-bench-") as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        _make_clip(tools.ffmpeg, clip)
        plan = _plan(tools.ffmpeg, clip)
        top_only = dataclasses.replace(plan, rungs=plan.rungs[:1])
        ways: dict[str, Callable[[Path], None]] = {
            "ladder": lambda place: _bare(tools.ffmpeg, clip, plan, place),
            "top_rung": lambda place: _bare(tools.ffmpeg, clip, top_only, place),
            "whole_job": lambda place: _whole(tools.ffmpeg, clip, place),
        }
        costs: dict[str, list[float]] = {way: [] for way in ways}
        for turn in range(rounds):
            for way in ways if turn % 2 else reversed(ways):
                place = folder / f"{way}{turn}"
                place.mkdir()
                before = _cpu_seconds()
                ways[way](place)
                costs[way].append(_cpu_seconds() - before)
    median = {way: statistics.median(values) for way, values in costs.items()}
    return {
        "rungs": len(plan.rungs),
        "ladder_to_top_rung": round(median["ladder"] / median["top_rung"], 3),
        "whole_job_to_ladder": round(median["whole_job"] / median["ladder"], 3),
        "cpu_seconds": {way: round(value, 2) for way, value in median.items()},
        "cpu_seconds_per_video_second": round(median["whole_job"] / plan.seconds, 2),
        "ffmpeg": tools.version,
        "targets": {"ladder_to_top_rung": {"at_most": 1.80}, "whole_job_to_ladder": {"at_most": 1.05}},
    }


def _make_clip(ffmpeg: str, clip: Path) -> None:
    length = SECONDS / len(SCENES)
    scenes = [f"{scene},trim=end={length},setsar=1,format=yuv420p[s{number}]" for number, scene in enumerate(SCENES)]
    joined = "".join(f"[s{number}]" for number in range(len(SCENES))) + f"concat=n={len(SCENES)}[v]"
    graph = ";".join([*scenes, joined, f"sine=440:d={SECONDS}[a]"])
    sources = ["-filter_complex", graph, "-map", "[v]", "-map", "[a]"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "12M", "-c:a", "aac"]
    subprocess.run([ffmpeg, "-v", "error", "-nostdin", *sources, *codecs, str(clip)], check=True)


def _plan(ffmpeg: str, clip: Path) -> ladder.Plan:
    facts = probe.read_facts(ffmpeg, clip, MP4)
    return ladder.plan_for(facts, probe.scan_packets(ffmpeg, clip, MP4, facts))


def _bare(ffmpeg: str, clip: Path, plan: ladder.Plan, place: Path) -> None:
    """The one command of a plan and nothing else."""
    argv = commands.encode(ffmpeg, clip, MP4.demuxer, plan, threads=limits.encoder_threads())
    bounds = Bounds(wall_seconds=1800, cpu_seconds=1800, memory_bytes=limits.ENCODE_MEMORY, file_bytes=2**31)
    done = run_program(argv, bounds, folder=place)
    if done.returncode != 0:
        raise RuntimeError(done.errors)


def _whole(ffmpeg: str, clip: Path, place: Path) -> None:
    """What the job does: headers, packets, encode, check of every output, poster."""
    plan = _plan(ffmpeg, clip)
    encode.encode(ffmpeg, clip, MP4, plan, place, on_share=lambda share: None, tick=None)
    encode.make_poster(ffmpeg, place / f"{plan.rungs[0].name}.m4s", place / encode.POSTER, None)


def _cpu_seconds() -> float:
    """Of this process and of all children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
