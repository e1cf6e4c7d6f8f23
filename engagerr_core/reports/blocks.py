"""What a report is made of. Each block shows itself in a notebook and carries the plain data that exports use.

An executed notebook's outputs hold `MIME` beside ``text/html``; HTML, PDF and XLSX all come from these outputs, so the
formats cannot disagree. An output without `MIME` stays in the notebook.
"""

from abc import ABC, abstractmethod
from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from engagerr_core.charts.wording import period

if TYPE_CHECKING:
    import pandas as pd

    from engagerr_core.charts.figure import Figure

MIME = "application/vnd.engagerr.block+json"
VERSION = 1

SEVERITIES = ("error", "warning", "note")


class Block(ABC):
    """Base of the blocks: `to_json` plain data without NaN, `to_html` escaped, `to_text` for terminals."""

    __slots__ = ()

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Plain data with a `type`."""

    @abstractmethod
    def to_html(self) -> str:
        """A fragment in which everything from data is escaped."""

    @abstractmethod
    def to_text(self) -> str:
        """A line or a few."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            MIME: {"version": VERSION, "block": self.to_json()},
            "text/html": self.to_html(),
            "text/plain": self.to_text(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Title(Block):
    """Head of the report: whose, which period, compared with which."""

    creator: str
    start: date
    end: date
    compared_start: date
    compared_end: date

    @property
    def subtitle(self) -> str:
        """The period and the one before, in words."""
        return f"{period(self.start, self.end)}, compared with {period(self.compared_start, self.compared_end)}"

    def to_json(self) -> dict[str, Any]:
        return {
            "type": "title",
            "creator": self.creator,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "subtitle": self.subtitle,
        }

    def to_html(self) -> str:
        return f'<h1>{escape(self.creator)}</h1><p class="subtitle">{escape(self.subtitle)}</p>'

    def to_text(self) -> str:
        return f"{self.creator}, {self.subtitle}"


@dataclass(frozen=True, slots=True)
class Heading(Block):
    """A heading inside a section."""

    text: str

    def to_json(self) -> dict[str, Any]:
        return {"type": "heading", "text": self.text}

    def to_html(self) -> str:
        return f"<h3>{escape(self.text)}</h3>"

    def to_text(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    """Sentences that belong together; `lead` sets them larger, as an answer stands above its reasons."""

    text: str
    lead: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"type": "paragraph", "text": self.text, "lead": self.lead}

    def to_html(self) -> str:
        opening = '<p class="lead">' if self.lead else "<p>"
        return f"{opening}{escape(self.text)}</p>"

    def to_text(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Sentences(Block):
    """Labelled sentences, such as the five of the first page: (label, sentence, evidence)."""

    items: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "type": "sentences",
            "items": [dict(zip(("label", "text", "evidence"), i, strict=True)) for i in self.items],
        }

    def to_html(self) -> str:
        rows = "".join(
            f"<div><dt>{escape(label)}</dt><dd>{escape(text)}"
            f'<span class="below" style="display:block">{escape(evidence)}</span></dd></div>'
            for label, text, evidence in self.items
        )
        return f'<dl class="sentences">{rows}</dl>'

    def to_text(self) -> str:
        return "\n".join(f"{label}: {text}" for label, text, _ in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBlock(Block):
    """A picture as SVG, with its alternative text and a note. The SVG is shown as an image: nothing in it can run."""

    title: str
    alt: str
    svg: str
    note: str = ""

    @classmethod
    def of(cls, figure: "Figure") -> "FigureBlock":
        """From a figure of `engagerr_core.charts`."""
        return cls(title=figure.title, alt=figure.alt, svg=figure.to_svg(), note=figure.note)

    def to_json(self) -> dict[str, Any]:
        return {"type": "figure", "title": self.title, "alt": self.alt, "svg": self.svg, "note": self.note}

    def to_html(self) -> str:
        source = b64encode(self.svg.encode()).decode()
        caption = f"<figcaption>{escape(self.note)}</figcaption>" if self.note else ""
        return (
            f'<figure><img alt="{escape(self.alt, quote=True)}" style="max-width:100%;height:auto" '
            f'src="data:image/svg+xml;base64,{source}">{caption}</figure>'
        )

    def to_text(self) -> str:
        return self.alt


@dataclass(frozen=True, slots=True, eq=False)
class Findings(Block):
    """Findings on the data's quality: a frame with severity, subject, finding, advice."""

    frame: "pd.DataFrame"

    def to_json(self) -> dict[str, Any]:
        rows = self.frame[["severity", "subject", "finding", "advice"]].astype(str).to_dict("records")
        return {"type": "findings", "rows": sorted(rows, key=lambda r: _severity(r["severity"]))}

    def to_html(self) -> str:
        rows = self.to_json()["rows"]
        if not rows:
            return "<p>Nothing was found against these data.</p>"
        return '<ul class="findings">' + "".join(
            f'<li class="{SEVERITIES[_severity(r["severity"])]}"><strong>{escape(r["severity"].capitalize())} · '
            f'{escape(r["subject"])}</strong> {escape(r["finding"])} <em>{escape(r["advice"])}</em></li>' for r in rows
        ) + "</ul>"  # fmt: skip

    def to_text(self) -> str:
        return "\n".join(f"{r['severity']}: {r['subject']}: {r['finding']}" for r in self.to_json()["rows"])


def _severity(name: str) -> int:
    return SEVERITIES.index(name) if name in SEVERITIES else len(SEVERITIES) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Block):
    """A part of the report: what one cell of the notebook shows. The first page has no title.

    Attributes
    ----------
    name : identifier, such as ``platforms``.
    title : heading; empty = none.
    sheet : the sheet of the workbook that holds its blocks.
    blocks : in order.
    """

    name: str
    title: str
    sheet: str
    blocks: tuple[Block, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "type": "section",
            "name": self.name,
            "title": self.title,
            "sheet": self.sheet,
            "blocks": [b.to_json() for b in self.blocks],
        }

    def to_html(self) -> str:
        name = escape(self.name, quote=True)
        head = f'<h2 id="{name}">{escape(self.title)}</h2>' if self.title else ""
        label = f'aria-labelledby="{name}"' if self.title else 'aria-label="First page"'
        return f'<section class="{name}" {label}>{head}{"".join(b.to_html() for b in self.blocks)}</section>'

    def to_text(self) -> str:
        return "\n\n".join(filter(None, (self.title, *(b.to_text() for b in self.blocks))))
