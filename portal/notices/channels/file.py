"""A channel that writes lines to a file: for developing, and for trying what would be sent before an adapter is bought."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from portal.ground.clock import now
from portal.notices.channels.base import Channel, Outgoing


class FileChannel(Channel):
    """One JSON object a line in `<data folder>/channels/<code>.jsonl`. A person without a known address is reached by user name."""

    def address_of(self, user: Any) -> str:
        return super().address_of(user) or user.get_username()

    def has_address(self, user: Any) -> bool:
        return True

    def send(self, address: str, outgoing: Outgoing) -> None:
        folder = settings.DATA_DIR / "channels"
        folder.mkdir(parents=True, exist_ok=True)
        line = {"at": now().isoformat(), "to": address, "text": outgoing.text, "link": outgoing.link}
        with (folder / f"{self.code}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
