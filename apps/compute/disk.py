"""A full disk, in whatever words it is reported."""

from __future__ import annotations

import errno
import re

#: No space left, quota of the file system used up, file larger than the process may write.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_full(error: BaseException) -> bool:
    """Whether the disk had no room. Python gives the number of the system's error, Polars writes it out:
    "No space left on device (os error 28)".
    """
    if isinstance(error, OSError):
        return error.errno in _FULL
    return any(int(number) in _FULL for number in re.findall(r"\(os error (\d+)\)", str(error)))
