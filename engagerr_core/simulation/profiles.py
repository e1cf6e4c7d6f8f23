"""The people of the simulation: six invented creators, what they publish where, and what happens to them.

Moments are fractions of the simulated window, so that the same stories fit a window of any length.
Levels are the views that an average piece of that format gathers in the end, at the first day's audience.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect:
    """Something that happens to an account: a kind, a moment, how long, how strong."""

    kind: str
    at: float = 0.0
    days: int = 0
    size: float = 1.0
    detail: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One account of a creator: its size, its course, its habits."""

    handle: str
    title: str
    followers: int
    levels: dict[str, float]
    weekly_growth: float = 0.0
    alone: tuple[tuple[str, float], ...] = ()
    effects: tuple[PlannedEffect, ...] = ()
    catalogue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What is regularly made from a work: `source` is the position of an earlier branch, -1 the root."""

    platform: str
    format: str
    relation: str
    probability: float
    lag_days: float
    source: int = -1
    copies: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A creator's plan: vertical and language choose the words, root and branches the families."""

    name: str
    slug: str
    vertical: str
    language: str
    zone: str
    root: tuple[str, str, float, int, int]  # platform, format, works a week, weekday, hour
    branches: tuple[Branch, ...]
    channels: dict[str, Channel]
    countries: tuple[tuple[str, float], ...]
    cities: tuple[tuple[str, float], ...]
    women: float
    ages: tuple[float, float, float, float, float, float, float]


AGE_BANDS = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")

PODCASTER = Profile(
    name="Zoë Okafor-Lindqvist",
    slug="zoe-okafor-lindqvist",
    vertical="podcast",
    language="en",
    zone="Europe/Stockholm",
    root=("youtube", "long_video", 1.0, 1, 17),
    branches=(
        Branch(platform="youtube", format="short", relation="child", probability=0.9, lag_days=2.0),
        Branch(platform="tiktok", format="short", relation="repurposed", probability=0.85, lag_days=0.6, source=0),
        Branch(platform="instagram", format="short", relation="repurposed", probability=0.75, lag_days=1.0, source=0),
        Branch(platform="x", format="text", relation="derivative", probability=0.85, lag_days=1.2),
        Branch(platform="instagram", format="carousel", relation="derivative", probability=0.35, lag_days=4.0),
        Branch(platform="x", format="text", relation="reference", probability=0.15, lag_days=12.0),
    ),
    channels={
        "youtube": Channel(
            handle="nightferrytalks",
            title="Night Ferry Talks",
            followers=41_200,
            weekly_growth=0.009,
            catalogue=40,
            levels={"long_video": 14_000, "short": 21_000},
            effects=(
                PlannedEffect(kind="change_point", at=0.44, size=1.55, note="recommended on the home page for good"),
                PlannedEffect(kind="collaboration", at=0.66, size=4.0, note="double episode with the bucket channel"),
                PlannedEffect(kind="outage", at=0.30, days=1, size=0.06, note="counting outage"),
                PlannedEffect(kind="topic", size=1.6, detail="work", note="episodes about work do better"),
            ),
        ),
        "instagram": Channel(
            handle="night.ferry.talks",
            title="Night Ferry Talks",
            followers=18_400,
            weekly_growth=0.004,
            levels={"short": 7_800, "carousel": 3_100, "image": 1_900, "story": 820},
            alone=(("image", 0.5), ("story", 1.0)),
            effects=(PlannedEffect(kind="campaign", at=0.71, days=14, size=1.7, note="paid promotion of the tour"),),
        ),
        "tiktok": Channel(
            handle="nightferrytalks",
            title="Night Ferry Talks",
            followers=9_300,
            weekly_growth=0.012,
            levels={"short": 15_500},
            alone=(("short", 0.4),),
            effects=(PlannedEffect(kind="spike", at=0.53, days=4, size=9.0, note="stitched by a large account"),),
        ),
        "x": Channel(
            handle="zoe_nightferry",
            title="Zoë Okafor-Lindqvist",
            followers=6_100,
            weekly_growth=0.001,
            levels={"text": 2_300, "image": 2_900},
            alone=(("text", 1.6), ("image", 0.3)),
            effects=(
                PlannedEffect(
                    kind="publishing_time",
                    size=1.35,
                    detail="hours 16-19",
                    note="posts between 16 and 19 local time do better",
                ),
            ),
        ),
    },
    countries=(
        ("US", 0.31),
        ("GB", 0.16),
        ("SE", 0.14),
        ("NG", 0.11),
        ("CA", 0.07),
        ("DE", 0.06),
        ("AU", 0.05),
        ("IN", 0.04),
        ("NO", 0.03),
        ("KE", 0.03),
    ),
    cities=(("London", 0.07), ("Stockholm", 0.06), ("Lagos", 0.05), ("New York", 0.04), ("Gothenburg", 0.02)),
    women=0.57,
    ages=(0.02, 0.17, 0.39, 0.24, 0.11, 0.05, 0.02),
)

COOK = Profile(
    name="Trần Minh Châu",
    slug="tran-minh-chau",
    vertical="cooking",
    language="vi",
    zone="Asia/Ho_Chi_Minh",
    root=("tiktok", "short", 2.2, 4, 11),
    branches=(
        Branch(platform="facebook", format="short", relation="repurposed", probability=0.6, lag_days=0.8),
        Branch(platform="instagram", format="short", relation="repurposed", probability=0.55, lag_days=1.1),
        Branch(platform="instagram", format="carousel", relation="derivative", probability=0.2, lag_days=3.0),
    ),
    channels={
        "tiktok": Channel(
            handle="bep.nhachautran",
            title="Bếp Nhà Châu Trần",
            followers=212_000,
            weekly_growth=0.003,
            levels={"short": 62_000},
            alone=(("short", 0.4),),
            effects=(
                PlannedEffect(kind="spike", at=0.78, days=5, size=7.0, note="a recipe went round the country"),
                PlannedEffect(kind="topic", size=1.45, detail="street food", note="street food does better"),
            ),
        ),
        "facebook": Channel(
            handle="bepnhachautran",
            title="Bếp Nhà Châu Trần",
            followers=88_500,
            weekly_growth=-0.002,
            levels={"short": 23_000, "image": 6_200, "text": 2_500},
            alone=(("image", 0.9), ("text", 0.2)),
            effects=(PlannedEffect(kind="change_point", at=0.58, size=0.68, note="feed shows fewer pages"),),
        ),
        "instagram": Channel(
            handle="bep.nhachautran",
            title="Bếp Nhà Châu Trần",
            followers=54_000,
            weekly_growth=0.005,
            levels={"short": 16_500, "carousel": 9_000, "story": 3_000},
            alone=(("story", 0.6),),
            effects=(PlannedEffect(kind="campaign", at=0.35, days=10, size=1.9, note="cookware partnership"),),
        ),
    },
    countries=(
        ("VN", 0.74),
        ("US", 0.09),
        ("AU", 0.05),
        ("JP", 0.03),
        ("KR", 0.03),
        ("DE", 0.02),
        ("FR", 0.02),
        ("CA", 0.02),
    ),
    cities=(("Hồ Chí Minh", 0.24), ("Hà Nội", 0.17), ("Đà Nẵng", 0.06), ("Cần Thơ", 0.04), ("Sydney", 0.02)),
    women=0.71,
    ages=(0.04, 0.27, 0.34, 0.19, 0.10, 0.04, 0.02),
)

MUSICIAN = Profile(
    name="Mateo Quiñones Ibarra",
    slug="mateo-quinones-ibarra",
    vertical="music",
    language="es",
    zone="America/Bogota",
    root=("youtube", "long_video", 0.55, 4, 12),
    branches=(
        Branch(platform="youtube", format="short", relation="child", probability=0.8, lag_days=3.0),
        Branch(platform="tiktok", format="short", relation="repurposed", probability=0.9, lag_days=0.5, source=0),
        Branch(platform="instagram", format="short", relation="repurposed", probability=0.9, lag_days=0.8, source=0),
        Branch(platform="tiktok", format="short", relation="derivative", probability=0.6, lag_days=6.0),
        Branch(platform="instagram", format="image", relation="derivative", probability=0.4, lag_days=1.0),
    ),
    channels={
        "youtube": Channel(
            handle="mateoquinonesibarra",
            title="Mateo Quiñones Ibarra",
            followers=63_000,
            weekly_growth=0.0,
            catalogue=40,
            levels={"long_video": 34_000, "short": 9_500},
            effects=(
                PlannedEffect(kind="collaboration", at=0.52, size=5.5, note="single with a guest singer"),
                PlannedEffect(kind="change_point", at=0.53, size=1.4, note="the album found its listeners"),
            ),
        ),
        "instagram": Channel(
            handle="mateo.quinones.ibarra",
            title="Mateo Quiñones Ibarra",
            followers=37_500,
            weekly_growth=0.001,
            levels={"short": 8_300, "image": 3_800, "story": 1_500},
            alone=(("story", 1.2), ("image", 0.5)),
            effects=(
                PlannedEffect(
                    kind="counter_correction",
                    at=0.96,
                    size=-0.12,
                    detail="views of one reel",
                    note="views of automatic accounts taken out",
                ),
            ),
        ),
        "tiktok": Channel(
            handle="mateoqi",
            title="Mateo QI",
            followers=25_800,
            weekly_growth=0.004,
            levels={"short": 19_000},
            alone=(("short", 0.5),),
            effects=(PlannedEffect(kind="spike", at=0.55, days=6, size=5.0, note="the chorus became a dance"),),
        ),
    },
    countries=(("CO", 0.37), ("MX", 0.23), ("AR", 0.11), ("ES", 0.09), ("US", 0.08), ("CL", 0.06), ("PE", 0.06)),
    cities=(("Bogotá", 0.11), ("Ciudad de México", 0.09), ("Medellín", 0.07), ("Buenos Aires", 0.05), ("Madrid", 0.03)),
    women=0.49,
    ages=(0.07, 0.33, 0.32, 0.15, 0.08, 0.03, 0.02),
)

SCIENTIST = Profile(
    name="Anjali Ramanathan-Weiss",
    slug="anjali-ramanathan-weiss",
    vertical="science",
    language="en",
    zone="Europe/Zurich",
    root=("youtube", "long_video", 0.6, 5, 15),
    branches=(
        Branch(platform="youtube", format="short", relation="child", probability=0.65, lag_days=4.0),
        Branch(platform="instagram", format="short", relation="repurposed", probability=0.8, lag_days=1.5, source=0),
        Branch(platform="instagram", format="carousel", relation="derivative", probability=0.45, lag_days=5.0),
        Branch(platform="facebook", format="link", relation="derivative", probability=0.8, lag_days=0.4),
        Branch(platform="facebook", format="short", relation="repurposed", probability=0.4, lag_days=2.0, source=0),
    ),
    channels={
        "youtube": Channel(
            handle="entropybythebucket",
            title="Entropy by the Bucket",
            followers=1_310_000,
            weekly_growth=0.002,
            catalogue=455,
            levels={"long_video": 310_000, "short": 120_000},
            effects=(
                PlannedEffect(kind="spike", at=0.24, days=5, size=6.0, note="an eclipse brought viewers to one video"),
                PlannedEffect(kind="topic", size=1.5, detail="space", note="space does better"),
            ),
        ),
        "instagram": Channel(
            handle="entropy.by.the.bucket",
            title="Entropy by the Bucket",
            followers=96_000,
            weekly_growth=0.003,
            levels={"short": 22_000, "carousel": 15_000, "image": 6_000},
            alone=(("image", 0.3),),
            effects=(PlannedEffect(kind="outage", at=0.62, days=1, size=0.10, note="counting outage"),),
        ),
        "facebook": Channel(
            handle="entropybythebucket",
            title="Entropy by the Bucket",
            followers=71_000,
            weekly_growth=-0.003,
            levels={"link": 4_200, "short": 9_500, "image": 3_600},
            alone=(("image", 0.4),),
        ),
    },
    countries=(
        ("US", 0.29),
        ("IN", 0.18),
        ("GB", 0.10),
        ("DE", 0.08),
        ("CA", 0.06),
        ("AU", 0.05),
        ("CH", 0.04),
        ("BR", 0.04),
        ("NL", 0.03),
        ("PL", 0.03),
        ("PH", 0.03),
        ("FR", 0.03),
        ("MX", 0.02),
        ("SE", 0.02),
    ),
    cities=(("Bengaluru", 0.03), ("London", 0.03), ("Chennai", 0.02), ("Zürich", 0.02), ("New York", 0.02)),
    women=0.29,
    ages=(0.06, 0.25, 0.33, 0.19, 0.09, 0.05, 0.03),
)

WRITER = Profile(
    name="Tomasz Wierzbicki-Hale",
    slug="tomasz-wierzbicki-hale",
    vertical="business",
    language="en",
    zone="Europe/Warsaw",
    root=("x", "text", 0.9, 1, 9),
    branches=(
        Branch(platform="instagram", format="carousel", relation="repurposed", probability=0.3, lag_days=3.0),
        Branch(platform="facebook", format="text", relation="repurposed", probability=0.35, lag_days=2.0),
    ),
    channels={
        "x": Channel(
            handle="tomasz_wh",
            title="Tomasz Wierzbicki-Hale",
            followers=2_950,
            weekly_growth=0.004,
            levels={"text": 1_150, "image": 1_300},
            alone=(("text", 1.4),),
            effects=(
                PlannedEffect(
                    kind="publishing_time",
                    size=1.6,
                    detail="weekdays 1-3",
                    note="posts from Tuesday to Thursday do better",
                ),
                PlannedEffect(kind="spike", at=0.86, days=3, size=14.0, note="a thread was quoted widely"),
            ),
        ),
        "instagram": Channel(handle="tomasz.writes", title="Tomasz writes", followers=640, levels={"carousel": 310}),
        "facebook": Channel(
            handle="wierzbickihale",
            title="Wierzbicki-Hale Letters",
            followers=410,
            levels={"text": 160, "link": 120},
            alone=(("link", 0.15),),
        ),
    },
    countries=(("US", 0.33), ("GB", 0.18), ("PL", 0.17), ("DE", 0.10), ("NL", 0.08), ("IN", 0.08), ("IE", 0.06)),
    cities=(("Warszawa", 0.08), ("London", 0.08), ("New York", 0.06), ("Kraków", 0.04), ("Berlin", 0.04)),
    women=0.38,
    ages=(0.00, 0.08, 0.36, 0.33, 0.16, 0.06, 0.01),
)

GAMER = Profile(
    name="Kaito Mensah",
    slug="kaito-mensah",
    vertical="gaming",
    language="en",
    zone="America/Toronto",
    root=("youtube", "long_video", 1.1, 2, 20),
    branches=(
        Branch(platform="youtube", format="short", relation="child", probability=0.45, lag_days=1.5),
        Branch(platform="tiktok", format="short", relation="repurposed", probability=0.9, lag_days=0.6, source=0),
        Branch(platform="youtube", format="long_video", relation="reaction", probability=0.05, lag_days=9.0),
    ),
    channels={
        "youtube": Channel(
            handle="kaitopresses",
            title="Kaito Presses Buttons",
            followers=334_000,
            weekly_growth=-0.011,
            catalogue=150,
            levels={"long_video": 52_000, "short": 41_000},
            effects=(
                PlannedEffect(kind="change_point", at=0.37, size=0.62, note="the game that made the channel closed"),
                PlannedEffect(kind="collaboration", at=0.82, size=3.0, note="charity marathon with friends"),
            ),
        ),
        "tiktok": Channel(
            handle="kaitopresses",
            title="Kaito Presses",
            followers=121_000,
            weekly_growth=-0.006,
            levels={"short": 26_000},
            alone=(("short", 0.3),),
            effects=(
                PlannedEffect(
                    kind="counter_correction",
                    at=0.57,
                    size=-0.12,
                    detail="followers",
                    note="automatic accounts removed overnight",
                ),
            ),
        ),
    },
    countries=(
        ("US", 0.38),
        ("CA", 0.15),
        ("GB", 0.11),
        ("GH", 0.07),
        ("JP", 0.06),
        ("BR", 0.06),
        ("DE", 0.06),
        ("PH", 0.06),
        ("MX", 0.05),
    ),
    cities=(("Toronto", 0.05), ("New York", 0.04), ("Accra", 0.04), ("Los Angeles", 0.03), ("London", 0.03)),
    women=0.22,
    ages=(0.14, 0.43, 0.28, 0.10, 0.03, 0.01, 0.01),
)

PROFILES = (PODCASTER, COOK, MUSICIAN, SCIENTIST, WRITER, GAMER)

# Beyond six creators the plans repeat under new names.
GIVEN_NAMES = (
    "Ngozi",
    "Emre",
    "Saoirse",
    "Rafael",
    "Ayumi",
    "Pilar",
    "Dmytro",
    "Leilani",
    "Björn",
    "Farida",
    "Tāne",
    "Ilse",
)
FAMILY_NAMES = (
    "Vanderkolk-Osei",
    "Yıldıran",
    "Ó Braonáin",
    "Sarmento Leal",
    "Kurosawa-Pike",
    "Etxebarria",
    "Hrynko",
    "Kealoha-Stein",
    "Sjöquist",
    "El-Amrouni",
    "Te Waaka",
    "Brandsma",
)
