"""Folders of workers and zygotes in the folder for temporary files, and what killed ones left."""

import fcntl
import os
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

LOCK = "owner.lock"


class Home:
    """A new folder, rdlab-<kind>-…, for this process and its forks, until they are gone.

    They hold a lock, which the kernel releases however they end: by that the next start knows what
    nobody uses any more. No other user may open the file, and no sandbox shows it.
    """

    def __init__(self, kind: str) -> None:
        clear_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=f"rdlab-{kind}-"))
        new = self.path / "new"
        self._lock = os.open(new, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        new.rename(self.path / LOCK)  # only now another start may find and try it

    def remove(self) -> None:
        """Delete the folder with all that is in it."""
        _delete(self.path)
        with suppress(OSError):
            os.close(self._lock)


@cache
def clear_abandoned() -> None:
    """Delete the folders of this user whose owners are gone; once in each process."""
    for lock in Path(tempfile.gettempdir()).glob(f"rdlab-*/{LOCK}"):
        with suppress(OSError):  # another start was faster
            ours = lock.parent.lstat().st_uid == os.geteuid() and not lock.parent.is_symlink()
            if ours and _is_abandoned(lock):
                _delete(lock.parent)


def _is_abandoned(path: Path) -> bool:
    lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _delete(folder: Path) -> None:
    """Delete a folder however deep it is; shutil.rmtree recurses."""
    subprocess.run(["rm", "-rf", "--", folder], check=False, stderr=subprocess.DEVNULL)
