"""Secret keys of this installation: made once, kept in files only the owner can read, never in the database or the code."""

import os
import secrets
from pathlib import Path


def read_or_make_key(folder: Path, name: str, *, size_bytes: int = 48) -> str:
    """The key `name` from `folder`, made with mode 0600 when missing. Two processes that start at once agree on one.

    Raises OSError when the folder cannot be written.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(size_bytes))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # atomic, and refuses to replace a key another process just made
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
