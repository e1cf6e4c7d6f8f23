"""Exports of a world, in the shapes the platforms give their users."""

from functools import lru_cache
from pathlib import Path

from engagerr_core.simulation.exports.facebook import facebook_files
from engagerr_core.simulation.exports.files import ExportFile, delimited
from engagerr_core.simulation.exports.instagram import instagram_files
from engagerr_core.simulation.exports.linkedin import linkedin_files
from engagerr_core.simulation.exports.spotify import spotify_files
from engagerr_core.simulation.exports.tiktok import tiktok_files
from engagerr_core.simulation.exports.x import x_files
from engagerr_core.simulation.exports.youtube import youtube_files
from engagerr_core.simulation.world import World

WRITERS = {
    "youtube": youtube_files,
    "instagram": instagram_files,
    "facebook": facebook_files,
    "tiktok": tiktok_files,
    "x": x_files,
    "linkedin": linkedin_files,
    "spotify": spotify_files,
}


@lru_cache(maxsize=1)
def export_files(world: World) -> tuple[ExportFile, ...]:
    """Every file that the creators of a world would hand over, in memory."""
    return tuple(file for (_, platform), flows in world.flows.items() for file in WRITERS[platform](world, flows))


def write_exports(world: World, folder: str | Path) -> list[Path]:
    """Write `creators.csv` and, under `<creator>/<platform>/`, all export files; returns their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[object, ...]] = [("slug", "name", "vertical", "platforms", "exported_on")]
    for profile in world.creators:
        platforms = " ".join(p for slug, p in world.flows if slug == profile.slug)
        rows.append((profile.slug, profile.name, profile.vertical, platforms, world.exported_on))
    paths = [folder / "creators.csv"]
    paths[0].write_bytes(delimited(rows).encode())
    for file in export_files(world):
        path = folder / file.creator / file.platform / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        paths.append(path)
    return paths
