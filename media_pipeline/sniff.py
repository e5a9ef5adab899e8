"""What a file is, by its first bytes alone. The name a browser sends proves nothing and is never used."""

from __future__ import annotations

import dataclasses

from django.utils.translation import gettext_lazy as _

from media_pipeline.verdicts import MediaRefused

_IMAGE_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"}
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
_TOP_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot"}
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
}
_OTHERS = {
    b"%PDF-": _("一个 PDF 文件"),
    b"PK\x03\x04": _("一个压缩包或办公文档"),
    b"Rar!": _("一个压缩包"),
    b"7z\xbc\xaf": _("一个压缩包"),
    b"\x1f\x8b": _("一个压缩包"),
    b"\xd0\xcf\x11\xe0": _("一个办公文档"),
    b"MZ": _("一个程序文件"),
    b"\x7fELF": _("一个程序文件"),
}
_AUDIO = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9", b"fLaC", b"#!AMR")


@dataclasses.dataclass(frozen=True)
class Container:
    """A container we take: `demuxer` is the only one that ffmpeg may use on the file."""

    name: str
    demuxer: str
    media_type: str


MP4 = Container("mp4", "mov", "video/mp4")
MATROSKA = Container("matroska", "matroska", "video/x-matroska")
AVI = Container("avi", "avi", "video/x-msvideo")
FLV = Container("flv", "flv", "video/x-flv")
TS = Container("mpegts", "mpegts", "video/mp2t")
PS = Container("mpeg", "mpeg", "video/mpeg")
ASF = Container("asf", "asf", "video/x-ms-wmv")
OGG = Container("ogg", "ogg", "video/ogg")
CONTAINERS = {container.name: container for container in (MP4, MATROSKA, AVI, FLV, TS, PS, ASF, OGG)}


def container_of(head: bytes) -> Container:
    """The container that `head` (the first 4 KiB, or all of a smaller file) begins. Raises MediaRefused for anything else."""
    if not head:
        raise MediaRefused("empty")
    found = _video_container(head)
    if found:
        return found
    raise _refusal(head)


def _video_container(head: bytes) -> Container | None:
    if head[4:8] in _TOP_BOXES:
        brand = head[8:12] if head[4:8] == b"ftyp" else b""
        if brand in _IMAGE_BRANDS:
            raise MediaRefused("image", what="HEIC/AVIF")
        if brand in _AUDIO_BRANDS:
            raise MediaRefused("audio_only")
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return MATROSKA
    if head.startswith(b"RIFF") and head[8:11] == b"AVI":
        return AVI
    for start, container in (
        (b"FLV\x01", FLV),
        (b"\x00\x00\x01\xba", PS),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ASF),
        (b"OggS", OGG),
    ):
        if head.startswith(start):
            return container
    for offset, step in ((0, 188), (4, 192)):
        if len(head) > offset + 3 * step and all(head[offset + i * step] == 0x47 for i in range(4)):
            return TS
    return None


def _refusal(head: bytes) -> MediaRefused:
    for start, what in _IMAGES.items():
        if head.startswith(start):
            return MediaRefused("image", what=what)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return MediaRefused("image", what="WebP")
    if head.startswith(_AUDIO) or (head.startswith(b"RIFF") and head[8:12] == b"WAVE"):
        return MediaRefused("audio_only")
    for start, what_else in _OTHERS.items():
        if head.startswith(start):
            return MediaRefused("other_file", what=what_else)
    text = _as_text(head)
    if text is None:
        return MediaRefused("unknown")
    begin = text.lstrip("\ufeff \r\n\t")
    if begin.startswith(("#EXTM3U", "ffconcat", "v=0\r\n", "v=0\n")) or "<MPD" in begin:
        return MediaRefused("playlist")
    return MediaRefused("text")


def _as_text(head: bytes) -> str | None:
    """The bytes as text, or None when they are not text. A character cut at the end does no harm."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    if b"\x00" in head:
        return None
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            controls = sum(1 for character in text if character < " " and character not in "\r\n\t\f")
            if controls <= len(text) / 100:
                return text
    return None
