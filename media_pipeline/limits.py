"""What the library accepts and how long it waits. Sizes in bytes, times in seconds."""

from __future__ import annotations

import os

from django.conf import settings

MAX_SOURCE_SECONDS = 6 * 3600
MAX_PIXELS = 36_000_000
MAX_STREAMS = 32
MAX_GAP_SECONDS = 120.0  # screen recordings hold a picture long; longer gaps are an attack on the frame-rate filter
TRUNCATED_SHARE = (
    0.98  # a file that holds less than this share of its declared time, and lacks over a second, is cut off
)
PROBE_SECONDS = 30
SCAN_SECONDS = 600
STALL_SECONDS = 120
PROBE_MEMORY = 4 * 1024**3
ENCODE_MEMORY = 8 * 1024**3
SNIFF_BYTES = 4096
COPY_BLOCK = 1024 * 1024
OLD_VERSION_SECONDS = 24 * 3600
STALE_PART_SECONDS = 24 * 3600
WAIT_FOR_SPACE_SECONDS = 60.0


def max_source_bytes() -> int:
    """The largest upload, from the setting VIDEO_MAX_BYTES."""
    return int(settings.VIDEO_MAX_BYTES)


def free_space_reserve() -> int:
    """Bytes that must stay free on the volume whatever happens (setting MEDIA_FREE_RESERVE_BYTES)."""
    return int(settings.MEDIA_FREE_RESERVE_BYTES)


def encoder_threads() -> int:
    """Threads for one ffmpeg: all cores, at most eight, for memory grows with each."""
    return max(1, min(8, os.cpu_count() or 1))


def spoken_size(size: int) -> str:
    """A number of bytes as people say it: 512 字节, 3.4 MB, 1.2 GB."""
    if size < 1024:
        return f"{size} B"
    value = float(size)
    for unit in ("KB", "MB", "GB"):
        value /= 1024
        if value < 1024 or unit == "GB":
            break
    return f"{value:.1f} {unit}"


def spoken_seconds(seconds: float) -> str:
    """A duration in seconds with one decimal and no trailing zero: 6, 3.5."""
    return f"{seconds:.1f}".removesuffix(".0")
