"""A picture with its finding, its alternative text and the data behind it."""

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from engagerr_core.charts.specification import SCHEMA, Specification, title
from engagerr_core.charts.theme import CONTEXT, theme
from engagerr_core.charts.wording import printable
from engagerr_core.errors import InvalidArgument

if TYPE_CHECKING:
    import altair
    import pandas as pd

TITLE_WORDS = 10
_ALTERNATIVE = re.compile(r"[A-Z].+ of .+ where .+", re.DOTALL)
_IDENTIFIER = re.compile(r'(\bid="|url\(#|href="#)((?:clip|gradient)[\w-]*)')


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """A picture. In a notebook it shows as a static SVG inside ``<figure>``; nothing is fetched from any host.

    Attributes
    ----------
    drawing : the Vega-Lite specification, title and data inside, without the theme.
    title : the finding, at most ten words.
    alt : alternative text, ``[chart] of [data] where [finding]``.
    data : what is drawn, one row a mark, for readers who want the table.
    note : one or two sentences on what to mind; empty = nothing.

    Raises
    ------
    InvalidArgument
        Where the title is empty or too long, or the alternative text does not say what is drawn and what is found.
    """

    drawing: Specification
    title: str
    alt: str
    data: "pd.DataFrame"
    note: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.title.split()) <= TITLE_WORDS:
            raise InvalidArgument(
                f"The title {self.title!r} has {len(self.title.split())} words. "
                f"A picture's title is its finding in 1 to {TITLE_WORDS} words: shorten it."
            )
        if not _ALTERNATIVE.fullmatch(self.alt):
            raise InvalidArgument(
                f"The alternative text {self.alt!r} does not say what is seen. "
                "Write it as '[chart] of [data] where [finding]'."
            )

    @property
    def spec(self) -> Specification:
        """The whole specification: theme and data inside, every text printable."""
        return {"$schema": SCHEMA, "config": theme(), **_clean(self.drawing)}

    @property
    def chart(self) -> "altair.TopLevelMixin":
        """The same as an Altair chart, to change or to combine."""
        import altair as alt

        return alt.Chart.from_dict(self.spec)

    def to_svg(self) -> str:
        """A self-contained SVG with the alternative text on it. The same data give the same bytes."""
        label = escape(printable(self.alt), quote=True)
        return self._svg().replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)

    def to_png(self, scale: float = 2) -> bytes:
        """A PNG, `scale` pixels per CSS pixel (1 to 8). Raises `InvalidArgument` outside that."""
        import vl_convert

        if not 1 <= scale <= 8:
            raise InvalidArgument(f"A picture is scaled by 1 to 8, not {scale!r}. For print take to_svg().")
        return vl_convert.svg_to_png(self._svg(), scale=float(scale))

    def to_html_fragment(self) -> str:
        """``<figure role="img" aria-label=…>`` around the SVG, everything escaped, the note below it."""
        drawing = self._svg().replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
        label = escape(printable(self.alt), quote=True)
        figure = f'<figure role="img" aria-label="{label}" style="margin:0">{drawing}</figure>'
        return figure + (f'<p class="chart-note">{escape(printable(self.note))}</p>' if self.note else "")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.to_html_fragment(), "text/plain": self.alt}

    def __repr__(self) -> str:
        return f"Figure: {self.title}"

    def _svg(self) -> str:
        import json
        from hashlib import sha256

        import vl_convert

        spec = json.dumps(self.spec, sort_keys=True)
        svg = vl_convert.vegalite_to_svg(spec)
        # Vega counts its clip paths from 0 in every drawing: on a page with two, the second would be cut by the first.
        own = f"figure-{sha256(spec.encode()).hexdigest()[:12]}"
        return _IDENTIFIER.sub(rf"\1{own}-\2", svg)


def _clean(value: Any) -> Any:
    """The last wall before vl-convert, which ends the whole process on one control character."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): _clean(entry) for key, entry in value.items()}
    return [_clean(entry) for entry in value] if isinstance(value, list) else value


def nothing_to_draw(finding: str, *, kind: str, of: str, advice: str, width: int = 640) -> Figure:
    """The picture where there is nothing to draw: says so, and what to do."""
    import pandas as pd

    return Figure(
        drawing={
            "title": title(finding),
            "width": width,
            "height": 24,
            "data": {"values": [{"advice": advice}]},
            "mark": {"type": "text", "align": "left", "color": CONTEXT, "fontSize": 12},
            "encoding": {"text": {"field": "advice"}, "x": {"value": 0}, "y": {"value": 12}},
        },
        title=finding,
        alt=f"{kind} of {of} where there is nothing to draw: {finding[0].lower()}{finding[1:]}",
        data=pd.DataFrame(),
        note=advice,
    )
