"""Titles and captions: what the invented creators write, in their languages, hostile ones included."""

from dataclasses import dataclass

import numpy as np

# vertical → topic → themes; a family keeps its theme, so that what was made from a work resembles it
THEMES = {
    "podcast": {
        "work": (
            "quitting without a plan",
            "the four-day week",
            "being the only one in the room",
            "unpaid care",
            "managers who listen",
            "starting over at fifty",
        ),
        "family": (
            "raising bilingual children",
            "letters my father kept",
            "choosing not to have children",
            "a house for three generations",
            "the sister I found",
        ),
        "craft": ("repairing old violins", "why handwriting matters", "baking bread at sea", "the last typesetter"),
        "place": ("growing up between two countries", "a village that moved", "night trains", "islands without cars"),
    },
    "cooking": {
        "street food": ("bánh mì ốp la", "bún chả", "bánh xèo giòn", "gỏi cuốn", "chả giò", "bột chiên"),
        "family meal": ("canh chua cá lóc", "thịt kho trứng", "cá kho tộ", "rau muống xào tỏi", "sườn xào chua ngọt"),
        "dessert": ("chè ba màu", "bánh flan", "rau câu dừa", "bánh chuối nướng"),
    },
    "music": {
        "single": (
            "Canción de agua",
            "La casa sin reloj",
            "Últimos faroles",
            "Mañana en el sur",
            "Río que vuelve",
            "Piel de domingo",
            "Cartas al mar",
        ),
        "live": ("Ventanas abiertas", "El niño y la lluvia", "Camino de sal", "Noche entera"),
        "studio": ("Baile de hormigas", "Tres guitarras", "Sin equipaje", "Luz prestada"),
    },
    "science": {
        "space": (
            "why Saturn keeps its rings",
            "the sound of an eclipse",
            "how to weigh a comet",
            "what falls into a black hole",
            "the coldest place we know",
        ),
        "physics": (
            "entropy in your kitchen",
            "why ice is slippery",
            "a bridge made of paper",
            "light that stands still",
            "the pendulum that remembers",
        ),
        "biology": ("how moss survives", "the smallest eye", "why cats purr", "a forest under the sea"),
        "mathematics": ("the knot nobody can untie", "fair ways to cut a cake", "why maps lie", "a paradox of queues"),
    },
    "business": {
        "pricing": (
            "raising prices without a speech",
            "the discount that costs you twice",
            "charging for the first call",
        ),
        "writing": ("cold e-mails that get answers", "the one-page proposal", "cutting a report in half"),
        "clients": ("saying no to a good client", "what to ask in week one", "late invoices", "the quiet stakeholder"),
    },
    "gaming": {
        "speedrun": (
            "no-jump run",
            "the blindfold route",
            "finishing in one evening",
            "a glitch that saves nine minutes",
        ),
        "review": ("an honest look at early access", "the sequel nobody wanted", "ten hours with a farming game"),
        "challenge": ("one hit and it is over", "only the starting sword", "pacifist to the end", "the cursed seed"),
    },
}

# what is added to a theme that comes back
TURNS = {
    "podcast": (
        ", ten years later",
        " and other small revolutions",
        " in winter",
        ", told twice",
        " on a budget",
        " after the flood",
        ", without advice",
    ),
    "cooking": (" kiểu Huế", " miền Tây", " chay", " không dầu", " cho hai người", " ngày mưa", " cuối tuần"),
    "music": (" (acústico)", " (a dos voces)", " (versión lenta)", " (maqueta)", " (con cuerdas)", " (a capela)"),
    "science": (
        ", measured",
        " without formulas",
        ", the hard way",
        " and why it matters",
        " at home",
        ", once more",
        " in slow motion",
        ", a year later",
    ),
    "business": (
        ", a checklist",
        " in one week",
        " for small teams",
        " when nobody answers",
        ", with numbers",
        " after a bad year",
    ),
    "gaming": (" at 3 a.m.", " with no sound", " using one hand", " with my sister", ", day two", " (hardest mode)"),
}

GUESTS = (
    "Ingrid Achterberg-Nwosu",
    "Bassem Tahan-Rioux",
    "Leocadia Fonoti",
    "Ruairí Mac Giolla",
    "Wanjiru Solheim",
    "Petronella Zelenka-Hjelm",
    "Iskander Yoon",
    "Amara Delacroix-Bui",
    "Halldóra Vance",
    "Nikhil Prabhakaran-Dunne",
    "Oluwaseun Härkönen",
    "Marisol Teague",
    "Yevgenia Park-Olsen",
    "Tadhg Nakamura",
    "Soledad Brightwater",
)

# (vertical, role) → patterns; {t} theme, {T} theme with a capital, {g} guest, {n} number in the series
PATTERNS = {
    ("podcast", "root"): (
        "{T} | {g} | Ep. {n}",
        "Ep. {n}: {T}, with {g}",
        "“I did not expect that”: {g} on {t} (Ep. {n})",
    ),
    ("podcast", "short"): (
        "{g} on {t} #shorts",
        "The moment {g} changed my mind about {t}",
        "{T}, in 45 seconds",
        "What nobody says about {t} 🎙️",
    ),
    ("podcast", "text"): (
        "New episode: {t}, with {g}.\n\nFive things I learned 🧵",
        "I talked to {g} about {t}. A thread.",
        "Still thinking about what {g} said on {t}.",
    ),
    ("podcast", "carousel"): (
        "{T}: the five sentences that stayed.\n\nWith {g}, episode {n}.\n\n#nightferrytalks",
        "Save this for later: {g} on {t}\n\n#interview",
    ),
    ("podcast", "alone"): (
        "Recording day. Coffee, cables, nerves.",
        "What should we talk about next?",
        "Tour dates are up, link in profile",
        "A question I keep getting: how do you find guests?",
        "Unpopular opinion: most meetings are letters nobody wrote.",
        "Thank you for {n} letters ❤️",
    ),
    ("cooking", "root"): (
        "Cách làm {t} tại nhà",
        "{T} ngon như ngoài hàng #bepnhachautran",
        "{T} chỉ 20 phút 🍜",
        "Bí quyết {t} của mẹ mình",
    ),
    ("cooking", "short"): (
        "{T} tại nhà 🍲\n\nCông thức đầy đủ trong phần bình luận.\n#monngon #bepnhachautran",
        "Cách làm {t} – xem hết nhé!",
    ),
    ("cooking", "carousel"): ("Công thức {t}\n\n1. Chuẩn bị\n2. Ướp 30 phút\n3. Nấu lửa nhỏ\n\n#congthuc",),
    ("cooking", "alone"): (
        "Hôm nay ăn gì cả nhà?",
        "Chợ sáng nay 🌿",
        "Góc bếp nhỏ của mình",
        "Hỏi đáp cùng Châu",
        "Cuối tuần vui vẻ nha mọi người",
    ),
    ("music", "root"): (
        "{T} (video oficial)",
        "Mateo QI – {T}",
        "{T} | en vivo desde el patio",
        "{T} (sesión de estudio)",
    ),
    ("music", "short"): (
        "{T} 🎸 #shorts",
        "El estribillo de «{T}»",
        "Así nació {T}",
        "{T} en 30 segundos, ¿la cantas?",
    ),
    ("music", "image"): ("«{T}» ya está en todas partes.\n\n¡Gracias, gracias, gracias!\n#musica",),
    ("music", "song"): ("{T}",),
    ("music", "alone"): (
        "Ensayo general",
        "¿Qué canción toco mañana?",
        "Cuerdas nuevas",
        "Nos vemos el sábado 🎶",
        "Preguntas y respuestas desde la furgoneta",
    ),
    ("science", "root"): ("{T}", "{T}, explained with a bucket", "We tested {t}", "The strange truth about {t}"),
    ("science", "short"): ("{T} in one minute", "Wait for it: {t} 🔬", "{T} #science #shorts"),
    ("science", "carousel"): ("{T}, in seven drawings.\n\nSources in the last one.\n#science #learn",),
    ("science", "link"): (
        "New video: {t}. All sources and the raw data are in the description.",
        "We made a film on {t}.",
    ),
    ("science", "alone"): (
        "From the workshop",
        "Guess what this is?",
        "Behind the bucket",
        "Answers to your questions",
    ),
    ("business", "root"): (
        "{T}: what I changed, and what it cost.\n\nA thread 🧵",
        "A short case on {t}. 1/7",
        "Three clients, one lesson: {t}.",
    ),
    ("business", "carousel"): ("{T}, on six slides.\n\n#b2b #consulting",),
    ("business", "text"): ("{T}. The longer version of this week’s thread.", "This week: {t}."),
    ("business", "alone"): (
        "Most strategy decks are apologies.",
        "Writing day.",
        "Ask for the budget before the brief.",
        "A calendar is a list of promises, {n} of them broken.",
        "What would you cut first?",
    ),
    ("gaming", "root"): (
        "{T} – part {n}",
        "I tried {t} and regret everything",
        "{T} (full run)",
        "Can it be done? {T}",
    ),
    ("gaming", "short"): ("{T} but it is 20 seconds long", "HOW?! {t} #shorts", "{T} – the end 💀"),
    ("gaming", "alone"): ("stream starts in 10", "bad luck compilation no. {n}", "chat made me do this"),
    ("gaming", "reaction"): ("Reacting to your comments on “{T}”", "Watching my own {t} a week later"),
}

# Text that attacks the reader or the spreadsheet behind it; every account of some size has each of them once.
HOSTILE = (
    '=HYPERLINK("https://www.youtube.com/watch?v=AAAAAAAAAAA","free prize")',
    "<script>alert('views')</script> what happened here",
    "03/04/2026",
    'He said "no, never", she said: "1,000; maybe 2,000"',
    "+1-800 reasons, @everyone & <b>bold</b> ideas",
    "Зима, \u202eright to left\u202c, 👩🏽‍🔬 and a soft\u00adhyphen",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a family is about."""

    topic: str
    theme: str
    guest: str
    number: int


def draw_subject(vertical: str, number: int, rng: np.random.Generator) -> Subject:
    """A topic, one of its themes and, for those who talk to people, a guest."""
    topics = sorted(THEMES[vertical])
    topic = topics[rng.integers(len(topics))]
    themes, turns = THEMES[vertical][topic], ("", *TURNS[vertical])
    theme = themes[rng.integers(len(themes))] + turns[rng.integers(len(turns))]
    return Subject(topic, theme, GUESTS[rng.integers(len(GUESTS))], number)


def compose(vertical: str, role: str, subject: Subject, rng: np.random.Generator) -> str:
    """A title or caption for a role: `root`, `alone`, `reaction`, or the format of what was made from a root."""
    patterns = PATTERNS.get((vertical, role)) or PATTERNS[vertical, "root"]
    pattern = patterns[rng.integers(len(patterns))]
    theme = subject.theme
    return pattern.format(t=theme, T=theme[0].upper() + theme[1:], g=subject.guest, n=subject.number)
