"""Archives from outside: whether opening one is safe. Needs nothing but Python, for it is used in processes without Django too."""

from __future__ import annotations

import zipfile

MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200


def bursts(archive: zipfile.ZipFile, packed_bytes: int) -> bool:
    """Whether an archive of `packed_bytes` says that it unpacks to more than any honest document does."""
    unpacked = sum(item.file_size for item in archive.infolist())
    return unpacked > MOST_UNPACKED or unpacked > packed_bytes * MOST_RATIO
