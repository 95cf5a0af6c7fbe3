"""The pages lead where they say, and say what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import campaign_core
from campaign_core.log.codec import Codec
from tests.docs.pages import PAGES, ROOT, docs_module, text_of

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```", re.DOTALL)

each_page = pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])


def _anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "")).strip().lower().replace(" ", "-") for heading in headings}


@each_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """The file is in the checkout, and the heading is on the page."""
    for link in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if not link.startswith(("http:", "https:")):
            file, _, anchor = link.partition("#")
            target = (page.parent / file).resolve() if file else page
            assert target.exists(), link
            assert target.is_relative_to(ROOT), link
            assert not anchor or anchor in _anchors(target), link


def test_the_index_lists_every_page() -> None:
    """And the README leads to the index and to the list of changes."""
    index = ROOT / "docs" / "index.md"
    assert _targets(index) >= {page for page in PAGES if page != index and page.name != "CHANGELOG.md"}
    assert _targets(ROOT / "README.md") >= {index, ROOT / "CHANGELOG.md"}


def _targets(page: Path) -> set[Path]:
    """The files that a page links to."""
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    return {(page.parent / link.partition("#")[0]).resolve() for link in links if ":" not in link}


@pytest.mark.parametrize("name", campaign_core.__all__)
def test_every_public_name_has_its_heading(name: str) -> None:
    """In the reference, or among the errors."""
    headings = re.findall(r"^### (\w+)$", text_of("docs/reference.md") + text_of("docs/errors.md"), re.MULTILINE)
    assert headings.count(name) == 1


def test_every_event_has_its_heading() -> None:
    """By its stored name, and none besides."""
    headings = re.findall(r"^### (\S+)$", text_of("docs/events.md"), re.MULTILINE)
    events: list[Any] = list(Codec().events)
    assert sorted(headings) == sorted(event.stored_name for event in events)


@pytest.mark.parametrize("page", sorted({page for page, _ in docs_module("catalogues").SECTIONS}))
def test_a_catalogue_is_what_the_code_gives(page: str) -> None:
    """`make docs` would change nothing."""
    assert docs_module("generate").pages()[ROOT / "docs" / page] == text_of(f"docs/{page}")


def test_catalogues_show_what_comments_and_docstrings_say() -> None:
    """Spot checks that the generator reads the code and not its own imagination."""
    catalogues = docs_module("catalogues")
    assert "| `name` | `str` |  | What people call it: 8 to 255 characters. |" in catalogues.api_reference()
    assert "- `PENDING`: Not contacted, eligible." in catalogues.api_reference()
    assert "expected_version: int | None = None) -> Outcome`" in catalogues.api_reference()
    assert "| `skipped` | `Mapping[str, int]` | `{}` | Rows left out, by reason. |" in catalogues.events_catalogue()
    assert "`log_busy` · may be tried again as it is" in catalogues.errors_catalogue()
    assert "Source:" not in catalogues.api_reference()
    assert "| `--db FILE` | The database. Also from the environment: `CAMPAIGN_DB`." in catalogues.commands_catalogue()
    assert "campaign assign [OPTIONS] ID INBOX..." in catalogues.commands_catalogue()
    assert "| `--daily-limit-per-inbox N\\|none` |" in catalogues.commands_catalogue()


def test_every_command_has_its_heading() -> None:
    """Those that `--help` lists, in groups or not, and none besides."""
    listed = {"campaign"}
    for group in ((), ("leads",), ("inboxes",), ("keys",), ("workspaces",)):
        shown = subprocess.run(
            [Path(sys.executable).with_name("campaign"), *group, "--help"], capture_output=True, text=True, check=True
        ).stdout.partition("Commands:\n")[2]
        names = re.findall(r"^  (\w+)  ", shown.partition("\n\n")[0], re.MULTILINE)
        listed -= {" ".join(("campaign", *group))}
        listed |= {" ".join(("campaign", *group, name)) for name in names}
    headings = re.findall(r"^## (campaign .+)$", text_of("docs/commands.md"), re.MULTILINE)
    assert sorted(headings) == sorted(listed)
    assert len(headings) > 25


@pytest.mark.parametrize("page", DECISIONS, ids=[page.stem for page in DECISIONS])
def test_a_decision_has_a_number_a_context_a_decision_and_consequences(page: Path) -> None:
    """On about half a page."""
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.split()) < 350


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_make_target_that_a_page_names_exists() -> None:
    """A command that is told to be run can be run."""
    targets = set(re.findall(r"^(\w+):", text_of("Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"\bmake (\w+)`|^make (\w+)", _text(page), re.MULTILINE)}
    told = {first or second for first, second in named}
    assert {"demo", "test", "check", "docs"} <= told
    assert told <= targets


def test_the_map_of_folders_in_the_readme_is_the_checkout() -> None:
    """Every path in it exists, and every package of the core is in it."""
    (tree,) = re.findall(r"^```text\n(campaign_core/.*?)```", text_of("README.md"), re.MULTILINE | re.DOTALL)
    folders: list[str] = []
    shown = set()
    for line in tree.splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        del folders[depth:]
        folders.append(name)
        shown.add("".join(folders))
    assert [path for path in shown if not (ROOT / path).exists()] == []
    packages = {f"campaign_core/{path.parent.name}/" for path in (ROOT / "campaign_core").glob("*/__init__.py")}
    assert packages <= shown


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")
