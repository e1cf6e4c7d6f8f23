"""Identifiers in the shape each platform gives them.

Where a platform hides the posting instant inside the identifier (TikTok, X, LinkedIn), so do these.
"""

from datetime import UTC, datetime

import numpy as np

X_EPOCH_MILLISECONDS = 1_288_834_974_657
_YOUTUBE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SPOTIFY_ALPHABET = _YOUTUBE_ALPHABET[:62]
_YOUTUBE_LAST = "048AEIMQUYcgkosw"  # 64 bits in 11 characters leave two bits of the last one at zero


def content_identifier(platform: str, published: datetime, rng: np.random.Generator) -> str:
    """An identifier for a piece of content published at an instant (UTC)."""
    if platform == "youtube":
        return "".join(rng.choice(list(_YOUTUBE_ALPHABET), 10)) + str(rng.choice(list(_YOUTUBE_LAST)))
    if platform == "instagram":
        return f"180{rng.integers(10**14):014d}"
    if platform == "facebook":
        return f"122{rng.integers(10**14):014d}"
    if platform == "tiktok":
        return str(int(published.timestamp()) << 32 | int(rng.integers(2**32)))
    if platform == "linkedin":
        return str(int(published.timestamp()) * 1000 + int(rng.integers(1000)) << 22 | int(rng.integers(2**22)))
    if platform == "spotify":
        return "".join(rng.choice(list(_SPOTIFY_ALPHABET), 22))
    milliseconds = int(published.timestamp()) * 1000 + int(rng.integers(1000))
    return str(milliseconds - X_EPOCH_MILLISECONDS << 22 | int(rng.integers(2**22)))


def account_identifier(platform: str, rng: np.random.Generator) -> str:
    """An identifier for an account; only Meta's exports show one, the others stay inside the truth."""
    if platform == "youtube":
        return "UC" + "".join(rng.choice(list(_YOUTUBE_ALPHABET), 22))
    if platform == "instagram":
        return f"1784{rng.integers(10**13):013d}"
    if platform == "facebook":
        return f"1000{rng.integers(10**11):011d}"
    if platform == "linkedin":
        return str(int(rng.integers(10**7, 10**8)))
    if platform == "spotify":
        return "".join(rng.choice(list(_SPOTIFY_ALPHABET), 22))
    return str(int(rng.integers(10**18, 9 * 10**18)))


def x_instant(identifier: str) -> datetime:
    """The posting instant inside an X identifier.

    >>> x_instant("1917000000000000000").isoformat(timespec="milliseconds")
    '2025-04-28T23:36:30.794+00:00'
    """
    milliseconds = (int(identifier) >> 22) + X_EPOCH_MILLISECONDS
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def tiktok_instant(identifier: str) -> datetime:
    """The posting instant, to the second, inside a TikTok identifier."""
    return datetime.fromtimestamp(int(identifier) >> 32, UTC)


def linkedin_instant(identifier: str) -> datetime:
    """The posting instant inside a LinkedIn identifier."""
    seconds, rest = divmod(int(identifier) >> 22, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


def permalink(platform: str, content_format: str, identifier: str, handle: str) -> str:
    """The public address of a piece of content, in the platform's own shape."""
    if platform == "youtube":
        return f"https://www.youtube.com/watch?v={identifier}"
    if platform == "instagram":
        if content_format == "story":
            return f"https://www.instagram.com/stories/{handle}/{identifier}"
        kind = "reel" if content_format == "short" else "p"
        return f"https://www.instagram.com/{kind}/{_instagram_shortcode(identifier)}/"
    if platform == "facebook":
        if content_format == "short":
            return f"https://www.facebook.com/reel/{identifier}/"
        return f"https://www.facebook.com/{handle}/posts/{identifier}"
    if platform == "tiktok":
        return f"https://www.tiktok.com/@{handle}/video/{identifier}"
    if platform == "linkedin":
        return f"https://www.linkedin.com/feed/update/urn:li:activity:{identifier}"
    if platform == "spotify":
        return f"https://open.spotify.com/track/{identifier}"
    return f"https://x.com/{handle}/status/{identifier}"


def _instagram_shortcode(identifier: str) -> str:
    number, letters = int(identifier), []
    while number:
        number, digit = divmod(number, 64)
        letters.append(_YOUTUBE_ALPHABET[digit])
    return "D" + "".join(reversed(letters))
