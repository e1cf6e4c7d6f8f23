"""Settings of a workspace: `workspace.toml`, then variables that begin with ``ENGAGERR_``."""

import os
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from engagerr_core.errors import InvalidArgument

FILE = "workspace.toml"
USUAL_PLACES = ("data/workspace", "data/demo")

TEMPLATE = """\
# Settings of this workspace. Each can be overridden by a variable: ENGAGERR_TIME_ZONE, ENGAGERR_CATALOGUE …

# The zone in which instants become days: "as known on" a day means until its end in this zone.
# time_zone = "UTC"

# The coefficient set that makes platforms comparable: a file coefficients/<name>.toml here, else the shipped one.
# coefficient_set = "default"

# Where the catalogue lies. Left out: the file catalogue.sqlite here. For a team:
# catalogue = "postgresql+psycopg://user@host/database"

# From when a day counts as final: after the registered delay of its platform, or as estimated from restated days.
# reporting_delays = "registered"

# Seconds to wait while another process writes, before giving up.
# lock_timeout = 60
"""


class Settings(BaseSettings):
    """What can be set. Variables win over the file; what neither names has its default.

    Attributes
    ----------
    time_zone : IANA name of the zone in which instants become days.
    coefficient_set : name of the coefficient set, own or shipped.
    catalogue : SQLAlchemy address of the catalogue; empty = SQLite inside the workspace.
    lock_timeout : seconds to wait for another writer.
    reporting_delays : registered (with the platform) or estimated (from restated days, where there are enough).
    """

    model_config = SettingsConfigDict(env_prefix="ENGAGERR_", extra="forbid", frozen=True)

    time_zone: str = "UTC"
    coefficient_set: str = "default"
    catalogue: str = Field(default="", repr=False)  # may carry a password
    lock_timeout: float = Field(default=60.0, ge=0, le=86_400)
    reporting_delays: Literal["registered", "estimated"] = "registered"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as problem:
            raise ValueError("is no IANA time zone such as Europe/Berlin") from problem
        return name

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables first, then the file's values."""
        return env_settings, init_settings


def usual_folder() -> Path:
    """Where a workspace is looked for when none is named.

    The variable ENGAGERR_WORKSPACE; else data/workspace, else data/demo, in the current folder or the nearest one above
    it that has either; else data/workspace here, made or not.
    """
    if named := os.environ.get("ENGAGERR_WORKSPACE"):
        return Path(named)
    here = Path.cwd()
    for folder in (here, *here.parents):
        for place in USUAL_PLACES:
            if (folder / place / FILE).is_file():
                return folder / place
    return Path(USUAL_PLACES[0])


def load_settings(folder: Path) -> Settings:
    """Read a workspace's settings. Raises `InvalidArgument` naming the key at fault and where it stands."""
    path = folder / FILE
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidArgument(f"{path} is not TOML: {problem}. Mend that line.") from problem
    for key in given:
        if key not in Settings.model_fields:
            near = get_close_matches(key, Settings.model_fields, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(Settings.model_fields)}."
            raise InvalidArgument(f"{path} sets {key}, which is no setting. {hint}")
    try:
        return Settings(**given)
    except ValidationError as problem:
        first = problem.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        said = "" if key == "catalogue" else f" {first['input']!r}"
        raise InvalidArgument(
            f"The setting {key}{said} cannot be used: {first['msg']}. "
            f"It stands in {path} or in the variable ENGAGERR_{key.upper()}."
        ) from None
