"""The check of templates before they are saved: errors and remarks under the source they are about."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from campaign_adapters.cli.mail_screens import excerpt
from campaign_adapters.cli.plain_text import plain
from campaign_core import UpdateCampaign, UploadLeads, open_kernel
from tests.adapters.given import DRAFT, EMPTY, Terminal

BROKEN = "Hi {{first_name|there}},\n{% if city = 'Porto' %}how is {{city | upcase}}?{% endif %}\n"
GOOD = "{{Hello|Hi}} {{first_name|there}}, how is {{city}}? {first_name} }}"
VARIANTS = """\
- variant_name: A
  distribution_percent: 50
  subject_template: "{{company}}"
  email_content: "Hello {{first_name|there}}, how are you?"
- variant_name: B
  distribution_percent: 50
  subject_template: "{{Hello|Hi"
  email_content: "Short"
"""
FOLLOW_UPS = """\
- step_number: 2
  trigger_type: NOT_OPENED
  wait_days: 3
  variants: [{email_content: "Hello {{first_name}}, me again."}]
"""
EDITS = """\
sequence_edits:
  - {action: delete, sequence_id: 00000000-0000-4000-8000-000000000000}
  - action: add
    step_number: 2
    trigger_type: NOT_OPENED
    wait_days: 3
    variants: [{subject_template: "{{city}}", email_content: "Hello {{first_name}}, me again."}]
"""


def _saved(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_an_error_is_shown_under_its_line_of_source(terminal: Terminal) -> None:
    """With line and column, and a caret under the place; 3 is the exit code."""
    said = terminal.type("lint", _saved("mail.txt", BROKEN))
    assert (said.code, said.err) == (3, "")
    assert said.out.startswith(
        "mail.txt\n"
        "  line 2, column 12: error: Equality is written ==.\n"
        "    {% if city = 'Porto' %}how is {{city | upcase}}?{% endif %}\n"
        "               ^\n"
        "  line 2, column 38: error: There is no filter upcase; "
    )
    assert said.out.endswith("\n2 errors and 0 remarks in 1 text.\n")


def test_remarks_are_no_errors(terminal: Terminal) -> None:
    """How braces are read, what goes out as it stands, how many wordings there are, and what is asked for."""
    said = terminal.type("lint", _saved("mail.txt", GOOD))
    assert said.code == 0
    assert "  line 1, column 1: remark: This is a choice of 2 texts." in said.out
    assert f"write {{{{first_name}}}}.\n    {GOOD}\n    {' ' * GOOD.index('{first_name} ')}^\n" in said.out
    assert "line 1, column 66: remark: This }} closes nothing" in said.out
    assert "  Wordings: up to 4.\n  Variables: city, first_name.\n\n0 errors and 4 remarks in 1 text.\n" in said.out
    assert not Path("campaigns.db").exists()


def test_findings_are_data(terminal: Terminal) -> None:
    """Each with its place in the source, and the codes of the remarks."""
    asked = terminal.asked("lint", _saved("mail.txt", GOOD))
    assert (asked["errors"], asked["remarks"], asked["problems"]) == (0, 5, [])
    (text,) = asked["texts"]
    assert [each["code"] for each in text["remarks"]] == [
        "spintax", "combinations", "fallback", "single_braces", "stray_closing"
    ]  # fmt: skip
    assert [GOOD[each["start"] : each["end"]] for each in text["remarks"] if each["code"] != "combinations"] == [
        "{{Hello|Hi}}", "{{first_name|there}}", "{first_name}", "}}"
    ]  # fmt: skip
    assert (text["path"], text["wordings"], text["lacking"]) == ("mail.txt", 4, None)
    assert text["variables"] == ["city", "first_name"]
    (text,) = terminal.asked("lint", _saved("mail.txt", "{% if plan %}Hello {{first_name}}.{% endif %}"))["texts"]
    assert text["variables"] == ["first_name", "plan"]
    (text,) = terminal.asked("lint", _saved("mail.txt", BROKEN), code=3)["texts"]
    assert [(each["line"], each["column"]) for each in text["errors"]] == [(2, 12), (2, 38)]
    assert (text["wordings"], text["variables"]) == (None, [])


def test_a_template_comes_from_standard_input_too(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hyphen stands for it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN.encode())))
    asked = terminal.asked("lint", "-", code=3)
    assert (asked["texts"][0]["path"], asked["errors"]) == ("standard input", 2)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf{{first_name | upcase}}, hello")))
    assert terminal.asked("lint", "-", code=3)["texts"][0]["errors"][0]["column"] == 1 + len("{{first_name ")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    assert terminal.type("lint", "-") == (3, "", "Error: standard input: is not UTF-8 text; save it as UTF-8.\n")


def test_fields_decide_how_braces_are_read_and_what_no_lead_has(terminal: Terminal, furnished: Path) -> None:
    """Those that are named, and those that the leads of a campaign have."""
    with open_kernel(furnished) as kernel:
        kernel.handle(UploadLeads(EMPTY, b"email,first_name,Home Town\nada@acme.example.com,Ada,Oslo\n"))
    name = _saved("mail.txt", "Hello {{first_name}} of {{home_town|your town}}, {{cty}}, {{company}}, {{dn_day_name}}.")

    def readings(*more: str) -> tuple[list[str], list[str] | None]:
        (text,) = terminal.asked("lint", name, *more)["texts"]
        return [each["code"] for each in text["remarks"] if each["code"] != "combinations"], text["lacking"]

    assert readings() == (["spintax"], None)
    assert readings("--field", "Home Town", "--field", "cty") == (["fallback"], ["company", "first_name"])
    assert readings("--campaign", str(EMPTY)) == (["fallback", "unknown_variable"], ["company", "cty"])
    assert readings("--campaign", str(EMPTY), "--field", "cty") == (["fallback"], ["company"])
    _saved("twin.txt", "Hello, dear {{job_title}}.")
    assert terminal.asked("lint", "twin.txt", "--field", "title")["texts"][0]["lacking"] == []
    shown = terminal.type("lint", name, "--campaign", EMPTY).out
    assert "  Variables: company, cty, first_name, home_town; no lead has company, cty.\n" in shown


def test_a_subject_is_held_to_one_line(terminal: Terminal) -> None:
    """Line breaks around it are not part of it; the limits are those of a subject."""
    for right in ("Hi {{first_name}}\n", "\n Hi {{first_name}}", "x" * 500 + "\r\n"):
        assert terminal.type("lint", _saved("s.txt", right), "--subject").code == 0
    assert terminal.type("lint", _saved("s.txt", "Hi\n")).code == 3
    asked = terminal.asked("lint", _saved("s.txt", "Hi {{a|b\nc}}\x07!\r\n"), "--subject", code=3)
    assert [(each["line"], each["column"]) for each in asked["texts"][0]["errors"]] == [(1, 9), (2, 4)]
    asked = terminal.asked("lint", _saved("s.txt", "x" * 501), "--subject", code=3)
    assert asked["problems"] == [{"path": "s.txt", "sentence": "must have 1 to 500 characters, has 501"}]


def test_the_texts_of_a_file_are_named_by_their_path(terminal: Terminal) -> None:
    """As the refusal of a save would name them; what else a save would refuse is told once."""
    said = terminal.type("lint", _saved("v.yaml", VARIANTS))
    assert said.code == 3
    assert "$.variants[0].subject_template\n  Variables: company.\n" in said.out
    assert (
        "$.variants[1].subject_template\n  line 1, column 1: error: These braces are never closed; write }} where they end.\n"
        "    {{Hello|Hi\n    ^\n"
    ) in said.out
    assert said.out.endswith(
        "$.variants[1].email_content: error: it must have 10 to 100000 characters, has 5.\n"
        "2 errors and 1 remark in 4 texts.\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "paths"),
    [
        ("f.yaml", FOLLOW_UPS, ["$.sequences[0].variants[0].email_content"]),
        ("f.yml", "sequences:\n" + FOLLOW_UPS, ["$.sequences[0].variants[0].email_content"]),
        (
            "e.yaml",
            EDITS,
            ["$.sequence_edits[1].variants[0].subject_template", "$.sequence_edits[1].variants[0].email_content"],
        ),
        ("v.JSON", '{"variants": [{"subject_template": "Hi", "email_content": "Good morning."}]}',
         ["$.variants[0].subject_template", "$.variants[0].email_content"]),
    ],
    ids=["a-list-of-follow-ups", "named-follow-ups", "edits", "named-variants-in-json"],
)  # fmt: skip
def test_each_kind_of_file_is_understood(terminal: Terminal, name: str, text: str, paths: list[str]) -> None:
    """The kinds that `variants` and `sequences` take."""
    asked = terminal.asked("lint", _saved(name, text))
    assert [each["path"] for each in asked["texts"]] == paths
    assert asked["problems"] == []


def test_a_file_without_errors_can_be_saved_and_one_with_errors_cannot(terminal: Terminal, furnished: Path) -> None:
    """What the check says of a file is what the save says of it."""
    for name, text in (
        ("bad.yaml", VARIANTS),
        ("good.yaml", VARIANTS.replace("{{Hello|Hi", "Hi").replace("Short", "Good morning")),
    ):
        checked = terminal.type("lint", _saved(name, text)).code
        saved = terminal.type("variants", DRAFT, name).code
        assert checked == saved == (3 if name == "bad.yaml" else 0)


@pytest.mark.parametrize("columns", [80, 140])
def test_what_is_shown_of_a_template_fits_the_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """Long lines of source are cut around the place; many remarks are cut for people only."""
    monkeypatch.setenv("COLUMNS", str(columns))
    name = _saved("mail.txt", "some words and {{Good morning|Good evening}} " * 50)
    shown = terminal.type("lint", name).out
    assert max(map(len, shown.splitlines())) <= columns
    assert shown.count("remark: This is a choice of 2 texts.") == 20
    assert "  and 30 more remarks; --json lists them all.\n" in shown
    assert terminal.asked("lint", name)["remarks"] == 51


def test_a_number_of_thousands_of_digits_is_not_told(terminal: Terminal) -> None:
    """No program could read it, and Python does not write it."""
    name = _saved("mail.txt", "{{0|1|2|3|4|5|6|7|8|9}}" * 4320)
    assert terminal.asked("lint", name)["texts"][0]["wordings"] is None
    assert "  Wordings: more than 1,000,000,000,000.\n" in terminal.type("lint", name).out


def test_a_template_cannot_steer_the_terminal(terminal: Terminal) -> None:
    """What stands in the source is written out, and the caret stays under its place."""
    said = terminal.type("lint", _saved("mail.txt", "\x1b[31m {{first_name | upcase}}"))
    lines = said.out.splitlines()
    assert "\x1b" not in said.out
    at = lines.index(r"    \x1b[31m {{first_name | upcase}}")
    assert lines[at + 1].index("^") == lines[at].index("|")


LINES = st.text(st.sampled_from("ab {}|é北🎉\x1b\t"), max_size=90)


@given(before=LINES, line=LINES, after=LINES, place=st.integers(0, 90), width=st.integers(8, 60))
def test_an_excerpt_is_the_line_around_a_place_with_a_caret_under_it(
    before: str, line: str, after: str, place: int, width: int
) -> None:
    """Whatever the characters and however long the line: it fits, and the caret is under the place."""
    place = min(place, len(line))
    shown, caret = excerpt(f"{before}\n{line}\n{after}", len(before) + 1 + place, width)
    assert cell_len(shown) <= width
    padded = shown + " " * width
    split = next(end for end in range(len(padded)) if cell_len(padded[:end]) == len(caret) - 1)
    assert plain(line[:place]).endswith(padded[:split])
    assert plain(line[place:]).startswith(padded[split:].rstrip())
    assert len(caret) <= width + 1
    assert split == len(plain(line[:place])) or cell_len(shown) >= width // 2 - 1


def test_texts_are_checked_one_by_one_without_a_campaign(terminal: Terminal, furnished: Path) -> None:
    """Nothing is recorded, and no campaign is touched."""
    with open_kernel(furnished) as kernel:
        kernel.handle(UpdateCampaign(DRAFT, postal_address="Acme, 1 Main Street"))
    before = terminal.asked("log")
    terminal.type("lint", _saved("v.yaml", VARIANTS), "--campaign", DRAFT)
    assert terminal.asked("log") == before
