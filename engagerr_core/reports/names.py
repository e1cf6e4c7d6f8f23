"""Names of report files, from names of creators."""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256

LONGEST = 60


_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))}  # Windows


def file_name(creator: str, known: Iterable[str] = ()) -> str:
    """A name that is safe on every file system: lower-case ASCII letters, digits and hyphens.

    Where that loses too much to tell creators apart (another of `known` gives the same, nothing is left, too long, a
    name that Windows reserves), a part of the creator's SHA-256 follows, so no two creators share a file.

    >>> file_name("Zoë Okafor-Lindqvist"), file_name("../ada", ["Ada"])
    ('zoe-okafor-lindqvist', 'ada-60088279')
    """
    slug = _slug(creator)
    shared = any(_slug(other) == slug for other in known if other != creator)
    if slug and not shared and slug not in _RESERVED and len(slug) <= LONGEST:
        return slug
    mark = sha256(creator.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "-".join(filter(None, (slug[:LONGEST].strip("-"), mark)))


def _slug(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def last_parts(path: str) -> str:
    """Where a file lies, without the folders of the analyst's own machine."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])
