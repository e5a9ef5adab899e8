"""What all rungs of a video cost beside the top rung alone: same clip, same preset, CPU seconds of ffmpeg.

One decode feeds all rungs, so the whole ladder should stay below 1.8 times the top rung. (Peers that start one process a
rung need 2.4 to 2.6 times.)
"""

from __future__ import annotations

import dataclasses
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from media_pipeline import commands, ffbin, ladder, limits, probe
from media_pipeline.runner import Bounds
from media_pipeline.runner import run as run_program
from media_pipeline.sniff import MP4

TARGET = 1.80
ROUNDS = 3
SECONDS = 8
SOURCE = f"testsrc2=s=1920x1080:r=30:d={SECONDS},noise=alls=12:allf=t,format=yuv420p"


def run(options: Any = None) -> dict[str, Any]:
    """Measure; `options.rounds` may shorten or lengthen it. Returns the ratio and both medians."""
    rounds = int(getattr(options, "rounds", None) or ROUNDS)
    tools = ffbin.find_tools()
    with tempfile.TemporaryDirectory(prefix="linghang-bench-") as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        _make_clip(tools.ffmpeg, clip)
        facts = probe.read_facts(tools.ffmpeg, clip, MP4)
        plan = ladder.plan_for(facts, probe.scan_packets(tools.ffmpeg, clip, MP4, facts))
        top_only = dataclasses.replace(plan, rungs=plan.rungs[:1])
        costs: dict[str, list[float]] = {"ladder": [], "top": []}
        for turn in range(rounds):
            pair = [("ladder", plan), ("top", top_only)]
            for label, wanted in pair if turn % 2 else reversed(pair):
                costs[label].append(_cpu_seconds(tools.ffmpeg, clip, wanted, folder / f"{label}{turn}"))
    whole, top = statistics.median(costs["ladder"]), statistics.median(costs["top"])
    return {
        "name": "media_ladder",
        "what": f"CPU of {len(plan.rungs)} rungs and sound / CPU of the top rung and sound, {SECONDS} s of 1080p30",
        "ratio": round(whole / top, 3),
        "target": TARGET,
        "reached": whole / top <= TARGET,
        "ladder_cpu_seconds": round(whole, 2),
        "top_cpu_seconds": round(top, 2),
        "cpu_seconds_per_video_second": round(whole / plan.seconds, 2),
        "rounds": rounds,
        "ffmpeg": tools.version,
    }


def _make_clip(ffmpeg: str, clip: Path) -> None:
    made = [
        "-f",
        "lavfi",
        "-i",
        SOURCE,
        "-f",
        "lavfi",
        "-i",
        f"sine=440:d={SECONDS}",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    ]
    subprocess.run([ffmpeg, "-v", "error", "-nostdin", *made, "-b:v", "12M", "-c:a", "aac", str(clip)], check=True)


def _cpu_seconds(ffmpeg: str, clip: Path, plan: ladder.Plan, folder: Path) -> float:
    folder.mkdir()
    argv = commands.encode(ffmpeg, clip, MP4.demuxer, plan, threads=limits.encoder_threads())
    bounds = Bounds(wall_seconds=1800, cpu_seconds=1800, memory_bytes=limits.ENCODE_MEMORY, file_bytes=2**31)
    done = run_program(argv, bounds, folder=folder)
    if done.returncode != 0:
        raise RuntimeError(done.errors)
    return done.cpu_seconds
