"""What staff may do with an asset: try again, accept a damaged file, delete."""

from __future__ import annotations

from django.db import transaction

from media_pipeline import storage
from media_pipeline.models import Asset
from portal.ground.jobs import cancel, enqueue
from portal.ground.models import Job

PROCESS = "media.process"


class NotFailed(Exception):
    """Only an asset whose processing failed can be tried again."""


class NotDamaged(Exception):
    """Only an asset that was refused as incomplete can be accepted as it is."""


def queue_processing(asset: Asset) -> None:
    """Queue the processing of an asset in the open transaction. Writes one job; a waiting one stands for this one too."""
    job = enqueue(PROCESS, {"asset": str(asset.uid)}, key=str(asset.uid))
    if job is not None:
        asset.job = job
        asset.save(update_fields=["job"])


def retry(asset: Asset) -> None:
    """Process a failed asset once more, from the stored original. Raises NotFailed. Writes the asset and one job."""
    _restart(asset)


def accept_damage(asset: Asset) -> None:
    """Use what is there of an incomplete file and process it again. Raises NotDamaged."""
    if asset.failure_code != "truncated":
        raise NotDamaged
    _restart(asset, accepts_damage=True)


def _restart(asset: Asset, **values: bool) -> None:
    with transaction.atomic():
        changed = Asset.objects.filter(pk=asset.pk, state=Asset.State.FAILED).update(
            state=Asset.State.WAITING, progress=0, note="", failure_code="", failure="", warning="", **values
        )
        if not changed:
            raise NotFailed
        asset.refresh_from_db()
        queue_processing(asset)


def delete(asset: Asset) -> None:
    """Delete an asset with its original and all versions. A running encode notices and stops. Files go after commit."""
    names = [asset.source_name, f"{storage.OUTPUTS}/{asset.uid}"]
    names += list(asset.versions.values_list("folder", flat=True))
    with transaction.atomic():
        for job in Job.objects.filter(kind=PROCESS, payload__asset=str(asset.uid)):
            cancel(job)
        asset.delete()
        transaction.on_commit(lambda: _remove(names))


def _remove(names: list[str]) -> None:
    private = storage.store()
    for name in names:
        private.delete(name)
