"""What a creator publishes on platforms that were added to the simulation later.

It is made from what the creator published on the first platforms, and drawn from a random stream of its own, so that
the first platforms stay as they were.
"""

import re
from datetime import timedelta

import numpy as np

from engagerr_core.simulation.publishing import WAKING_HOURS, Content, Edge, Press
from engagerr_core.simulation.wording import Subject

# platform → (formats of works that are taken over, what becomes of them and how often)
TAKEN_OVER = {
    "linkedin": (("text", "image"), (("text", 0.4), ("carousel", 0.25))),
    "spotify": (("long_video",), (("song", 0.75),)),
}
LAG_DAYS = 2.5
_AROUND_A_SONG = re.compile(r" \(.*\)$| \| .*$|^.* – ")  # what a video's title says beside the song's


class LaterPress(Press):
    """Publishes for one creator on platforms added later."""

    def run_after(self, earlier: list[Content]) -> None:
        """Publish what is made from the earlier works, pieces that stand alone, older catalogue, hostile texts."""
        weeks = (self.until - self.start).days // 7 + 1
        for platform in self.accounts:
            formats, becomes = TAKEN_OVER[platform]
            for work in earlier:
                if work.family == work.number and work.format in formats and not work.catalogue:
                    self._take_over(work, platform, becomes)
            channel = self.profile.channels[platform]
            for content_format, rate in channel.alone:
                for week in range(weeks):
                    for _ in range(self.rng.poisson(rate)):
                        self.publish_alone(platform, content_format, week, 40 + week)
            self.publish_catalogue(platform, channel.catalogue)
        self.vandalise()
        self._tell_songs_apart()

    def _take_over(self, work: Content, platform: str, becomes: tuple[tuple[str, float], ...]) -> None:
        rng = self.rng
        theme = work.title.split("\n")[0]
        if platform == "spotify":
            theme = _AROUND_A_SONG.sub("", theme)
        subject = Subject(work.topic, theme, "", 0)
        for content_format, probability in becomes:
            wanted, lag = rng.random() < probability, LAG_DAYS * rng.gamma(2.0, 0.5)
            instant = self.local((work.published + timedelta(days=lag)).date(), int(rng.choice(WAKING_HOURS)))
            if instant <= work.published:
                instant += timedelta(days=1)
            role = "alone" if platform == "linkedin" else content_format
            appeal = float(np.exp(rng.normal(-0.1, 0.35)))
            if not wanted:
                continue
            piece = self.publish(platform, content_format, role, subject, instant, work.family, appeal)
            if piece:
                self.retitle(piece, theme)
                self.edges.append(Edge(source=work.number, target=piece.number, type="repurposed"))

    def _tell_songs_apart(self) -> None:
        """Exports of music services know songs by their titles: no two of a musician's have the same."""
        seen: dict[str, int] = {}
        for song in [c for c in self.contents if c.format == "song"]:
            seen[song.title] = seen.get(song.title, 0) + 1
            if seen[song.title] > 1:
                self.retitle(song, f"{song.title} ({seen[song.title]})")
