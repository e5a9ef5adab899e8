"""What happens when a review is finished, and when the time of a planned page has come. Wagtail imports this module while its own models load, so it imports none of them."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db import transaction

from portal.ground.jobs import JobContext, job_kind, periodic

SCHEDULE_SECONDS = 60


def publish_reviewed(workflow_state: Any, user: Any = None) -> None:
    """Publish the version that passed every step. The right to review is the right that counts here; nobody needs the
    right to publish directly. Writes the page and all that follows from it in one transaction."""
    with transaction.atomic():
        revision = workflow_state.content_object.get_latest_revision()
        revision.publish(user=user, skip_permission_checks=True)


@job_kind("pages.publish_scheduled", lease_seconds=600)
def _publish_scheduled_job(context: JobContext) -> None:
    call_command("publish_scheduled", verbosity=0)


periodic("pages.publish_scheduled", every_seconds=SCHEDULE_SECONDS)
