"""A bar chart as a small SVG, readable in light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABELS, VALUES = 760, 250, 70
TOP, ROW, BAR = 48, 28, 16
STYLE = """\
.page{fill:#fff}.title,.label,.value{font:13px system-ui,sans-serif;fill:#1f2937}
.title{font-weight:600;font-size:15px}.ours{fill:#0f766e}.theirs{fill:#9aa3af}.limit{fill:#c98a2b}
@media (prefers-color-scheme:dark){.page{fill:#111827}.title,.label,.value{fill:#e5e7eb}
.ours{fill:#2dd4bf}.theirs{fill:#6b7280}.limit{fill:#d9a441}}"""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """`kind` is ours, theirs or limit: the colour."""

    label: str
    value: float
    kind: str


def draw(title: str, bars: Sequence[Bar]) -> str:
    height = TOP + ROW * len(bars) + 12
    most = max(bar.value for bar in bars)
    rows = "\n".join(_draw_bar(bar, number, most) for number, bar in enumerate(bars))
    spoken = "; ".join(f"{bar.label}: {bar.value:,.0f}" for bar in bars)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">
<title>{escape(title)}</title>
<desc>{escape(spoken)}</desc>
<style>{STYLE}</style>
<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>
<text class="title" x="16" y="29">{escape(title)}</text>
{rows}
</svg>
"""


def _draw_bar(bar: Bar, number: int, most: float) -> str:
    top = TOP + ROW * number
    length = max(1.0, (WIDTH - LABELS - VALUES) * bar.value / most)
    baseline = top + BAR - 3
    return (
        f'<text class="label" x="{LABELS - 8}" y="{baseline}" text-anchor="end">'
        f"{escape(bar.label)}</text>"
        f'<rect class="{bar.kind}" x="{LABELS}" y="{top}" width="{length:.1f}" height="{BAR}"'
        ' rx="2"/>'
        f'<text class="value" x="{LABELS + length + 6:.1f}" y="{baseline}">'
        f"{bar.value:,.0f}</text>"
    )
