"""Small real clips, made once by the ffmpeg in use, and a private folder of its own for each test."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from media_pipeline import ffbin
from media_pipeline.intake import receive
from media_pipeline.models import Asset
from portal.ground.jobs import run_due_jobs

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d={seconds}"]
SOUND = ["-f", "lavfi", "-i", "sine=440:r=44100:d={seconds}"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]


@pytest.fixture(scope="session")
def ffmpeg() -> str:
    """The ffmpeg that the library would use."""
    return ffbin.find_tools().ffmpeg


class Clips:
    """Makes a clip from ffmpeg arguments and keeps it for the session under the name of the file."""

    def __init__(self, ffmpeg: str, folder: Path) -> None:
        self.ffmpeg = ffmpeg
        self.folder = folder

    def make(self, name: str, *arguments: str) -> Path:
        target = self.folder / name
        if not target.exists():
            subprocess.run(
                [self.ffmpeg, "-v", "error", "-nostdin", "-y", *arguments, str(target)], check=True, timeout=60
            )
        return target

    def plain(self, seconds: float = 2, name: str = "", extra: tuple[str, ...] = ("-movflags", "+faststart")) -> Path:
        """A test card with a tone, H.264 and AAC in MP4."""
        made = [word.format(seconds=seconds) for word in (*PICTURE, *SOUND)]
        return self.make(name or f"plain-{seconds}.mp4", *made, *H264, "-c:a", "aac", *extra)

    def written(self, name: str, content: bytes) -> Path:
        target = self.folder / name
        target.write_bytes(content)
        return target


@pytest.fixture(scope="session")
def clips(ffmpeg: str, tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(ffmpeg, tmp_path_factory.mktemp("clips"))


@pytest.fixture(autouse=True)
def private_root(tmp_path: Path, settings) -> Path:
    """A private folder with characters that trip programs which build command lines by hand."""
    root = tmp_path / "领航 100%d 'q'"
    settings.MEDIA_PRIVATE_ROOT = root
    return root


@pytest.fixture
def take_in(db) -> Callable[..., Asset]:
    """Receive a file and leave it waiting."""

    def take(path: Path, title: str = "测试视频") -> Asset:
        with path.open("rb") as handle:
            return receive(handle, title=title)

    return take


@pytest.fixture
def processed(take_in) -> Callable[..., Asset]:
    """Receive a file, run its job, give the asset as it became."""

    def process(path: Path, title: str = "测试视频") -> Asset:
        asset = take_in(path, title)
        run_due_jobs()
        asset.refresh_from_db()
        return asset

    return process
