"""Why a file cannot be used: codes for programs, sentences for editors. Each sentence says what to do next."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SENTENCES: dict[str, str | Promise] = {
    "empty": _("文件是空的（0 字节）。请确认文件已复制完整后重新选择。"),
    "too_large": _("文件大小为 %(size)s，超过上限 %(limit)s。请压缩或剪短后再上传。"),
    "no_space": _(
        "服务器磁盘空间不足（需要约 %(needed)s，可用 %(free)s），文件没有保存。请联系管理员清理磁盘后再上传。"
    ),
    "text": _("这是一个文本文件，不是视频，只是名称像视频。请选择真正的视频文件（如 MP4、MOV、MKV）。"),
    "image": _("这是一张图片（%(what)s），不是视频。请选择视频文件（如 MP4、MOV、MKV）。"),
    "audio_only": _("文件里只有声音，没有画面。请选择带画面的视频文件。"),
    "other_file": _("这是%(what)s，不是视频。请选择视频文件（如 MP4、MOV、MKV）。"),
    "playlist": _("这是播放列表，里面只有其他文件的地址，没有视频内容。请上传视频文件本身。"),
    "unknown": _("无法识别文件内容，它不是受支持的视频格式。请转换为 MP4 后再上传。"),
    "no_index": _("文件不完整：缺少索引（moov），多半是录制或复制中断。请重新导出或重新复制后再上传。"),
    "unreadable": _("文件已损坏，无法读取其中的视频。请重新导出后再上传。"),
    "truncated": _(
        "文件不完整：声明 %(declared)s 秒，实际只有 %(actual)s 秒。请重新复制后再上传，或选择“按现有内容使用”。"
    ),
    "no_video": _("文件里没有视频画面。请选择带画面的视频文件。"),
    "too_many_pixels": _("画面尺寸 %(width)s×%(height)s 过大（上限约 3600 万像素）。请缩小后再上传。"),
    "too_long": _("视频时长 %(minutes)s 分钟，超过上限 %(limit)s 分钟。请分成几段上传。"),
    "too_short": _("视频没有可以播放的内容（少于两帧画面）。请重新导出后再上传。"),
    "time_gap": _("视频时间轴异常：中间有 %(gap)s 秒没有任何画面。请重新导出后再上传。"),
    "unsupported_codec": _("视频使用了服务器不支持的编码（%(codec)s）。请转换为 H.264 编码的 MP4 后再上传。"),
    "too_slow": _("检查或处理这个文件花费的时间过长，已停止。请转换为 H.264 编码的 MP4 后再上传。"),
    "tool_missing": _("服务器上没有可用的 ffmpeg，无法处理视频。请管理员安装 ffmpeg（含 libx264），然后点“重试”。"),
    "encode_failed": _("视频编码失败：%(detail)s。可以点“重试”；若再次失败，请重新导出后上传。"),
    "verify_failed": _("编码结果没有通过检查：%(detail)s。可以点“重试”；若再次失败，请重新导出后上传。"),
    "source_missing": _("原始文件已不在存储中，无法处理。请重新上传。"),
    "worker_died": _("处理进程多次意外中断，已停止。可以点“重试”；若再次失败，请联系管理员。"),
    "internal": _("处理时发生内部错误，已记录。可以点“重试”；若再次失败，请联系管理员。"),
}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A refusal: a code of this module and the values for its sentence."""

    code: str
    values: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The sentence for people, in the active language."""
        return str(_SENTENCES[self.code]) % self.values


class MediaRefused(Exception):
    """The file cannot be used; trying again with the same file gives the same answer."""

    def __init__(self, code: str, **values: Any) -> None:
        self.verdict = Verdict(code, values)
        super().__init__(code)

    def __str__(self) -> str:
        return f"{self.verdict.code}: {self.verdict.sentence}"


def codes() -> frozenset[str]:
    """All codes."""
    return frozenset(_SENTENCES)
