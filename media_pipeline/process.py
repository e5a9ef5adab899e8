"""The job `media.process`: check, encode, verify, publish. Safe to repeat and to be killed at any moment.

Everything is made in a work folder that carries the job's number and fence; it becomes visible in one transaction that
also proves that the job is still ours.
"""

from __future__ import annotations

import dataclasses
import errno
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from media_pipeline import encode, ffbin, ladder, limits, probe, storage
from media_pipeline.ladder import Plan
from media_pipeline.models import Asset, Rendition, Version
from media_pipeline.operations import PROCESS
from media_pipeline.package import BrokenPackage
from media_pipeline.sniff import CONTAINERS, Container
from media_pipeline.verdicts import MediaRefused, Verdict
from portal.ground.clock import now
from portal.ground.ids import new_uid
from portal.ground.jobs import JobContext, LeaseLost, PermanentFailure, RetryLater, job_kind
from portal.ground.models import Job
from portal.ground.outbox import emit

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
_ENCODE_FROM, _ENCODE_TO = 4, 92


@job_kind(PROCESS, lease_seconds=60, max_attempts=MAX_ATTEMPTS, heavy=True)
def process(context: JobContext, asset: str) -> None:
    """Make the asset with this uid playable, or write on it why that cannot be. An asset deleted meanwhile is left alone."""
    row = Asset.objects.filter(uid=asset).first()
    if row is None:
        return
    work = _fresh_work_folder(context, row)
    try:
        _make_version(context, row, work)
    except MediaRefused as refusal:
        _fail(context, row, refusal.verdict)
        raise PermanentFailure(str(refusal)) from None
    except encode.OutOfSpace:
        raise _wait_for_space(context, row, 0) from None
    except (LeaseLost, RetryLater):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _wait_for_space(context, row, 0) from None
        if Job.objects.get(pk=context.claim.job_id).attempts >= MAX_ATTEMPTS:
            log.exception("asset %s failed for the last time", row.uid)
            _fail(context, row, _last_verdict(error))
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _last_verdict(error: Exception) -> Verdict:
    if isinstance(error, BrokenPackage):
        return Verdict("verify_failed", {"detail": str(error)})
    if isinstance(error, encode.EncoderKilled):
        return Verdict("encode_failed", {"detail": str(error)})
    return Verdict("internal")


@dataclasses.dataclass
class _Progress:
    """Shows progress on the job and on the asset, at most once for each percent and note."""

    context: JobContext
    asset: Asset
    shown: tuple[int, str] = (-1, "")

    def __call__(self, percent: int, note: str) -> None:
        if (percent, note) == self.shown:
            return
        self.shown = (percent, note)
        self.context.progress(percent, note)
        Asset.objects.filter(pk=self.asset.pk, job_id=self.context.claim.job_id).update(progress=percent, note=note)


def _make_version(context: JobContext, asset: Asset, work: Path) -> None:
    progress = _Progress(context, asset)
    with transaction.atomic():
        context.progress(0)
        Asset.objects.filter(pk=asset.pk).update(
            state=Asset.State.WORKING, job=context.claim.job_id, progress=0, failure="", failure_code="", warning=""
        )
    progress(1, _("检查文件"))
    try:
        tools = ffbin.find_tools()
    except ffbin.ToolMissing as missing:
        log.error("%s", missing)
        raise MediaRefused("tool_missing") from None
    container = CONTAINERS[asset.source_container]
    try:
        with storage.store().as_local_file(asset.source_name, work) as source:
            plan = _checked_plan(context, asset, tools.ffmpeg, source, container)
            fingerprint = plan.fingerprint(asset.source_sha256)
            if _is_made(asset, fingerprint):
                _publish_again(context, asset)
                return
            if plan.tone_map and not {"zscale", "tonemap"} <= tools.filters:
                raise MediaRefused("unsupported_codec", codec="HDR")
            if storage.free_local_bytes() - plan.estimated_bytes < limits.free_space_reserve():
                raise _wait_for_space(context, asset, plan.estimated_bytes)
            outputs = work / "out"
            outputs.mkdir()
            encoded = encode.encode(
                tools.ffmpeg,
                source,
                container,
                plan,
                outputs,
                on_share=_encode_share(progress),
                tick=context.check,
                accepts_damage=asset.accepts_damage,
            )
    except storage.StoredFileMissing:
        raise MediaRefused("source_missing") from None
    progress(_ENCODE_TO + 2, _("生成封面"))
    encode.make_poster(tools.ffmpeg, outputs / f"{plan.rungs[0].name}.m4s", outputs / encode.POSTER, context.check)
    progress(_ENCODE_TO + 4, _("发布"))
    _publish(context, asset, plan, encoded, outputs, fingerprint)


def _checked_plan(context: JobContext, asset: Asset, ffmpeg: str, source: Path, container: Container) -> Plan:
    facts = probe.read_facts(ffmpeg, source, container, context.check)
    scan = probe.scan_packets(ffmpeg, source, container, facts, context.check)
    if not asset.accepts_damage:
        probe.check_complete(facts, scan)
    return ladder.plan_for(facts, scan)


def _encode_share(progress: _Progress) -> Callable[[float], None]:
    def show(share: float) -> None:
        progress(_ENCODE_FROM + int(share * (_ENCODE_TO - _ENCODE_FROM)), _("编码"))

    return show


def _is_made(asset: Asset, fingerprint: str) -> bool:
    version = asset.current_version
    return version is not None and version.fingerprint == fingerprint


def _publish_again(context: JobContext, asset: Asset) -> None:
    with transaction.atomic():
        context.progress(100)
        Asset.objects.filter(pk=asset.pk).update(state=Asset.State.READY, progress=100, note="")


def _publish(
    context: JobContext, asset: Asset, plan: Plan, encoded: encode.Encoded, outputs: Path, fingerprint: str
) -> None:
    """Move the files to their place, then make them current in one transaction. Before that commit nobody sees them;
    what a crash leaves in between is swept."""
    version_uid = new_uid()
    folder = f"{storage.OUTPUTS}/{asset.uid}/{version_uid}"
    total = sum(file.stat().st_size for file in outputs.iterdir())
    private = storage.store()
    context.check()
    private.take_folder(outputs, folder)
    seconds = max(output.playlist.seconds for output in encoded.outputs if output.kind == "video")
    try:
        with transaction.atomic():
            context.progress(99)
            replaced = Asset.objects.select_for_update().filter(pk=asset.pk).first()
            if replaced is None:
                raise LeaseLost  # deleted meanwhile
            version = Version.objects.create(
                uid=version_uid,
                asset=asset,
                folder=folder,
                fingerprint=fingerprint,
                duration_seconds=seconds,
                width=plan.rungs[0].width,
                height=plan.rungs[0].height,
                total_bytes=total,
            )
            Rendition.objects.bulk_create([_rendition(version, output) for output in encoded.outputs])
            if replaced.current_version_id:
                Version.objects.filter(pk=replaced.current_version_id).update(retired_at=now())
            Asset.objects.filter(pk=asset.pk).update(
                current_version=version,
                state=Asset.State.READY,
                progress=100,
                note="",
                warning=_warning(encoded),
                duration_seconds=seconds,
                width=plan.rungs[0].width,
                height=plan.rungs[0].height,
                ready_at=now(),
            )
    except BaseException:
        private.delete(folder)
        raise


def _rendition(version: Version, output: encode.Output) -> Rendition:
    return Rendition(
        version=version,
        kind=output.kind,
        name=output.name,
        codecs=output.codecs,
        width=output.width,
        height=output.height,
        frame_rate=output.frame_rate,
        frames=output.frames,
        average_bandwidth=output.playlist.average_bandwidth,
        peak_bandwidth=output.playlist.peak_bandwidth,
        file_bytes=output.file_bytes,
        playlist=output.playlist_text,
    )


def _warning(encoded: encode.Encoded) -> str:
    if not encoded.damaged_spots:
        return ""
    return _("原文件有数据损坏（解码器报告 %(count)s 处），播放时可能短暂花屏。") % {"count": encoded.damaged_spots}


def tell_of_failure(asset: Asset, job_id: int | None) -> None:
    """Tell, in the open transaction, that processing has failed for good. Emits `media.processing_failed`."""
    emit("media.processing_failed", {"asset_uid": str(asset.uid), "attempt": str(job_id or "")})


def _fail(context: JobContext, asset: Asset, verdict: Verdict) -> None:
    with transaction.atomic():
        context.progress(0)
        Asset.objects.filter(pk=asset.pk).update(
            state=Asset.State.FAILED, progress=0, note="", failure_code=verdict.code, failure=verdict.sentence
        )
        tell_of_failure(asset, context.claim.job_id)


def _wait_for_space(context: JobContext, asset: Asset, needed: int) -> RetryLater:
    free = storage.free_local_bytes()
    reason = _("等待磁盘空间：约需 %(needed)s，可用 %(free)s（含预留 %(reserve)s）。清理磁盘后会自动继续。") % {
        "needed": limits.spoken_size(needed),
        "free": limits.spoken_size(free),
        "reserve": limits.spoken_size(limits.free_space_reserve()),
    }
    context.check()
    Asset.objects.filter(pk=asset.pk).update(state=Asset.State.WAITING, progress=0, note=reason[:200])
    return RetryLater(reason, limits.WAIT_FOR_SPACE_SECONDS)


def _fresh_work_folder(context: JobContext, asset: Asset) -> Path:
    """A folder for this claim alone; what earlier claims of the same asset left is removed."""
    root = storage.work_root() / "encode"
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f"{asset.uid}.*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = root / f"{asset.uid}.{context.claim.job_id}.{context.claim.fence}"
    folder.mkdir()
    return folder
