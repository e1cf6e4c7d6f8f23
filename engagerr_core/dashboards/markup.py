"""The overview's texts as HTML. Every text that comes from data is escaped here, and nowhere is it trusted."""

from html import escape

from engagerr_core.charts.theme import DOWN, UP
from engagerr_core.dashboards.view import ARROWS, Card, OverviewView

STYLE = f"""<style>
.engagerr {{ font-family: "Liberation Sans", Arial, Helvetica, sans-serif; line-height: 1.4; max-width: 1080px;
  color: var(--jp-ui-font-color1, #333333); font-size: 14px; }}
.engagerr h2 {{ font-size: 17px; margin: 4px 0 6px; }}
.engagerr h3 {{ font-size: 15px; margin: 10px 0 4px; }}
.engagerr ol.sentences {{ margin: 0 0 6px; padding-left: 22px; }}
.engagerr ol.sentences li:first-child {{ font-weight: bold; }}
.engagerr .cards {{ display: flex; flex-wrap: wrap; gap: 10px; }}
.engagerr .card {{ border: 1px solid #D9D9D9; border-radius: 6px; padding: 8px 12px;
  flex: 1 1 200px; max-width: 330px; }}
.engagerr .card h3 {{ font-size: 12.5px; font-weight: normal; margin: 0; color: var(--jp-ui-font-color2, #595959); }}
.engagerr .value {{ font-size: 20px; font-weight: bold; margin: 2px 0; }}
.engagerr .small {{ font-size: 12px; color: var(--jp-ui-font-color2, #595959); margin: 0; overflow-wrap: anywhere; }}
.engagerr .up, .engagerr .down {{ font-size: 13px; margin: 0; font-weight: bold; }}
.engagerr .up {{ color: {UP}; }} .engagerr .down {{ color: {DOWN}; }}
.engagerr dl {{ font-size: 12px; margin: 6px 0 0; }}
.engagerr .card dt {{ float: none; display: block; width: auto; margin-top: 3px; font-weight: bold; }}
.engagerr .card dd {{ float: none; width: auto; margin: 0; padding: 0; overflow-wrap: anywhere; }}
.engagerr table {{ border-collapse: collapse; width: 100%; font-size: 13px; }}
.engagerr th, .engagerr td {{ text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid #D9D9D9;
  vertical-align: top; }}
.engagerr th.number, .engagerr td.number {{ text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums; }}
.engagerr a.engagerr-download {{ margin-right: 16px; }}
.engagerr .notice {{ border-left: 4px solid #767676; padding: 6px 12px; margin: 6px 0; }}
</style>"""


def block(inner: str) -> str:
    """A piece of the page in the dashboard's own style."""
    return f'<div class="engagerr">{inner}</div>'


def opening(view: OverviewView) -> str:
    """Whose figures and which period, and the five sentences, each with what it rests on."""
    said = "".join(f'<li title="{escape(evidence)}">{escape(text)}</li>' for text, evidence in view.sentences)
    return block(f'<h2>{escape(view.heading)}</h2><ol class="sentences" role="status">{said}</ol>')


def cards(view: OverviewView, provenance: bool) -> str:
    """The key figures side by side; with `provenance`, what each one is made of."""
    shown = "".join(_card(card, provenance) for card in view.cards)
    return block(f'<section class="cards" aria-label="Key figures">{shown}</section>')


def _card(card: Card, provenance: bool) -> str:
    parts = [f"<h3>{escape(card.title)}</h3>", f'<p class="value">{escape(card.value)}</p>']
    if card.change:
        kind = f' class="{card.direction}"' if card.direction else ' class="small"'
        parts.append(f"<p{kind}>{ARROWS[card.direction]} {escape(card.change)}</p>")
        parts.append(f'<p class="small">{escape(card.verdict)}</p>')
    if card.note:
        parts.append(f'<p class="small">{escape(card.note)}</p>')
    if provenance:
        rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in card.provenance)
        parts.append(f"<dl>{rows}</dl>")
    return f'<article class="card" aria-label="{escape(card.title)}">{"".join(parts)}</article>'


def posts(view: OverviewView) -> str:
    """The top posts; those too young to be compared stand apart below."""
    if view.posts.empty:
        return notice("No post published in this period is known. Choose a longer period, or ingest content exports.")
    heads = ("Post", "Platform", "Published", "Standard views", "Standard engagements", "Engagement rate")
    columns = "".join(f'<th scope="col"{_right(i)}>{head}</th>' for i, head in enumerate(heads))
    body: list[str] = []
    young_said = False
    for row in view.posts.to_dict("records"):
        if not row["comparable"] and not young_said and not view.posts["comparable"].iloc[-1]:
            if body:
                body.append(
                    f'<tr><td colspan="{len(heads)}" class="small">Too young to be compared with those above:</td></tr>'
                )
            young_said = True
        body.append(_post(row))
    caption = f"{len(view.posts)} of {view.posts_in_all} posts published in the period; figures since publication"
    return block(
        f'<h3>Top content</h3><p class="small">{caption}</p>'
        f'<table aria-label="Top content"><thead><tr>{columns}</tr></thead><tbody>{"".join(body)}</tbody></table>'
    )


def _right(column: int) -> str:
    return ' class="number"' if column >= 3 else ""


def _post(row: dict) -> str:
    title = escape(row["title"])
    if row["url"]:
        title = f'<a href="{escape(row["url"])}" target="_blank" rel="noopener noreferrer">{title}</a>'
    cells = [title, *(escape(row[name]) for name in ("platform", "published", "views", "engagements", "rate"))]
    return "<tr>" + "".join(f"<td{_right(i)}>{cell}</td>" for i, cell in enumerate(cells)) + "</tr>"


def findings(view: OverviewView) -> str:
    """What is wrong or missing in the data, and what to do about it."""
    if not view.findings:
        return block('<h3>Data quality</h3><p class="small">Nothing was found amiss.</p>')
    rows = "".join(
        f"<tr><td>{escape(severity)}</td><td>{escape(subject)}</td><td>{escape(finding)}</td><td>{escape(advice)}</td></tr>"
        for severity, subject, finding, advice in view.findings
    )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Severity", "Where", "Finding", "What to do"))
    return block(
        '<h3>Data quality</h3><table aria-label="Data quality">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def notice(text: str, role: str = "status") -> str:
    """A sentence that says what is missing or wrong, and what to do."""
    return block(f'<p class="notice" role="{role}">{escape(text)}</p>')


def note(text: str) -> str:
    """What to mind about the picture above."""
    return block(f'<p class="small">{escape(text)}</p>') if text else ""
