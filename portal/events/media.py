"""Events of the media pipeline, which writes them by name: it knows no event class."""

import dataclasses
import uuid

from plugins.sdk import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProcessingFailed(Event):
    """A video could not be processed, for good unless somebody tries again. `attempt` is another one at each trial."""

    name = "media.processing_failed"
    asset_uid: uuid.UUID
    attempt: str = ""
