"""Writes those parts of the docs that are made from the code, each between two markers of its page:

    <!-- generated: campaign-rights -->
    <!-- end: campaign-rights -->

`python -m docs.generate` writes them anew; with `--check` it writes nothing, names the pages that would change, and ends
with 1 if there are any.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from campaign_core.campaign.lifecycle import CAMPAIGN
from campaign_core.inbox.lifecycle import INBOX
from campaign_core.lead.lifecycle import LEAD
from campaign_core.lifecycle import Lifecycle
from docs import catalogues

DOCS: Final = Path(__file__).parent


def diagram(lifecycle: Lifecycle) -> str:
    """The moves of a machine as a Mermaid diagram."""
    return f"```mermaid\n{lifecycle.diagram()}\n```"


def rights(lifecycle: Lifecycle) -> str:
    """Every trigger in every status, read from the machine: where it leads, or that it moves nothing."""
    machine = lifecycle.machine
    statuses = [str(name) for name in machine.states]
    lines = [_line("trigger", *statuses), _line(*["---"] * (len(statuses) + 1))]
    for trigger in machine.events:
        lines.append(_line(f"`{trigger}`", *(_right(lifecycle, trigger, status) for status in statuses)))
    return "\n".join(lines)


def _right(lifecycle: Lifecycle, trigger: str, status: str) -> str:
    rows = lifecycle.machine.get_transitions(trigger, status)
    if not rows:
        return ""
    return "stays" if rows[0].dest is None else f"→ {rows[0].dest}"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


#: What stands between which markers: page in this folder and name of the marker to the function that answers its Markdown.
SECTIONS: Final[dict[tuple[str, str], Callable[[], str]]] = {
    ("lifecycle.md", "campaign-diagram"): lambda: diagram(CAMPAIGN),
    ("lifecycle.md", "campaign-rights"): lambda: rights(CAMPAIGN),
    ("lifecycle.md", "inbox-diagram"): lambda: diagram(INBOX),
    ("lifecycle.md", "inbox-rights"): lambda: rights(INBOX),
    ("lifecycle.md", "lead-diagram"): lambda: diagram(LEAD),
    ("lifecycle.md", "lead-rights"): lambda: rights(LEAD),
    **catalogues.SECTIONS,
}


def generated(text: str, parts: Mapping[str, str]) -> str:
    """The page's text with each of these parts put between its markers.

    Raises:
        ValueError: a marker is not there exactly once, or a pair of markers has no part.
    """
    unknown = [line for line in text.splitlines() if line.startswith("<!-- generated:") and line[16:-4] not in parts]
    if unknown:
        raise ValueError(f"nothing generates {unknown[0]}")
    for name, part in parts.items():
        begin, end = f"<!-- generated: {name} -->\n", f"<!-- end: {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"the page needs {begin.strip()} and {end} exactly once")
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{part.strip()}\n\n{end}{rest.partition(end)[2]}"
    return text


def pages() -> dict[Path, str]:
    """What every page with a generated part should say."""
    names = dict.fromkeys(page for page, _ in SECTIONS)
    return {
        DOCS / page: generated(
            (DOCS / page).read_text(encoding="utf-8"),
            {name: part() for (owner, name), part in SECTIONS.items() if owner == page},
        )
        for page in names
    }


def main(arguments: Sequence[str]) -> int:
    """Writes the pages, or only looks at them; answers the exit code."""
    differing = {page: text for page, text in pages().items() if page.read_text(encoding="utf-8") != text}
    if "--check" in arguments:
        for page in differing:
            print(f"docs/{page.name} is not what the code says; run `make docs`.")
        return 1 if differing else 0
    for page, text in differing.items():
        page.write_text(text, encoding="utf-8")
        print(f"docs/{page.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
