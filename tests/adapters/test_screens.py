"""What people see: lines that fit, text that cannot steer the terminal, ids that stay apart."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from campaign_adapters.cli.ids import short
from campaign_adapters.cli.plain_text import plain, wrapped
from campaign_core import UpdateCampaign, open_kernel
from tests.adapters.given import ACTIVE, DRAFT, EMPTY, INBOX, PENDING, Terminal


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_no_line_of_a_table_is_wider_than_the_terminal(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """Names and summaries wrap; ids, addresses and statuses stay whole wherever there is room."""
    monkeypatch.setenv("COLUMNS", str(columns))
    terminal.type("create", "A campaign whose name is so long that it has to be broken, " + "and goes on " * 8)
    Path("wide.csv").write_text(
        "email,first_name,company,note\nada@acme.example.com,Ada,Acme," + "a long note " * 20 + "\n", encoding="utf-8"
    )
    terminal.type("leads", "upload", EMPTY, "wide.csv")
    for line in (["list"], ["show", DRAFT], ["history", ACTIVE], ["inboxes", "list"], ["leads", "list", EMPTY]):
        said = terminal.type(*line)
        assert (said.code, max(map(len, said.out.splitlines())) <= columns) == (0, True), said.out


def test_eighty_columns_show_addresses_and_statuses_whole(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What tells rows apart is not cut."""
    monkeypatch.setenv("COLUMNS", "80")
    assert "mara@out.example.com   ACTIVE    CUSTOM_SMTP" in terminal.type("inboxes", "list").out
    assert "ada@acme.example.com   PENDING   Ada          Acme" in terminal.type("leads", "list", DRAFT).out


def test_a_list_of_leads_shows_as_many_values_as_fit(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wider terminal shows more of them."""
    shown = {}
    for columns in (50, 60, 100):
        monkeypatch.setenv("COLUMNS", str(columns))
        shown[columns] = terminal.type("leads", "list", DRAFT).out.splitlines()[0].split()[3:]
    assert shown == {50: [], 60: ["first_name"], 100: ["first_name", "company"]}


def test_where_nobody_looks_tables_have_room(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal and without COLUMNS the width is 120."""
    monkeypatch.delenv("COLUMNS")
    name = "Spring launch, and once more: Spring launch, Europe"
    terminal.type("create", name)
    assert name in terminal.type("list").out


def test_nothing_is_coloured_where_nobody_looks(
    terminal: Terminal, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is piped on holds no escape sequences, whatever the terminal could show."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    for line in (["list"], ["show", ACTIVE], ["history", ACTIVE], ["leads", "list", ACTIVE], ["inboxes", "list"]):
        said = terminal.type(*line)
        assert (said.code, "\x1b" in said.out) == (0, False)


def test_text_from_outside_cannot_steer_the_terminal(terminal: Terminal) -> None:
    """Escape sequences and direction marks in a name are written out, wherever it is shown."""
    campaign = terminal.asked("create", "Red \x1b[31malert\x07 \u202e reversed")["campaign_id"]
    for line in (["list"], ["show", campaign], ["history", campaign]):
        out = terminal.type(*line).out
        assert r"Red \x1b[31malert\x07 \u202e reversed" in " ".join(out.split())
        assert not {"\x1b", "\x07", "\u202e"} & set(out)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Zoë 北京 🎉", "Zoë 北京 🎉"),
        ("two\nlines\tand a tab\r", "two lines and a tab "),
        ("\x00\x1b\x7f\x9b", r"\x00\x1b\x7f\x9b"),
        ("\u202a\u2066", r"\u202a\u2066"),
        ("family 👩\u200d🔬", "family 👩\u200d🔬"),
    ],
    ids=["names", "white-space", "controls", "directions", "joined-emoji"],
)
def test_only_what_steers_is_written_out(given: str, shown: str) -> None:
    """People's names stay as they are."""
    assert plain(given) == shown


def test_long_lines_break_between_words_and_command_lines_do_not() -> None:
    """A command line is there to be copied."""
    text = "one two three four\n   $ campaign show 12345678 --json\n  five six seven eight"
    assert wrapped(text, 12) == (
        "one two\n  three four\n   $ campaign show 12345678 --json\n  five six\n    seven\n    eight"
    )


def test_a_shortened_id_is_as_long_as_it_takes() -> None:
    """Eight characters, and more where another id begins alike."""
    ids = [UUID(f"aaaaaaaa-{middle}-4000-8000-000000000000") for middle in ("0000", "0100", "1000")]
    assert [short(each, ids) for each in ids] == ["aaaaaaaa-00", "aaaaaaaa-01", "aaaaaaaa-1"]
    assert short(ids[0], ids[:1]) == "aaaaaaaa"


def test_settings_and_their_changes_are_readable(terminal: Terminal, furnished: Path) -> None:
    """Days that follow each other are a range, others a list; a change names what changed."""
    with open_kernel(furnished) as kernel:
        kernel.handle(
            UpdateCampaign(
                DRAFT, sending_days=(1, 3, 7), sending_window_end_minute=30, ramp_up_enabled=True, ramp_up_increment=5
            )
        )
    shown = terminal.type("show", DRAFT).out
    assert "Mon Wed Sun 09:00-17:30 America/New_York" in shown
    assert "on, by 5 mails a day" in shown
    assert "sending_days: (1, 3, 7); sending_window_end_minute: 30" in terminal.type("history", DRAFT).out


def test_an_event_that_needs_no_words_has_some_all_the_same(terminal: Terminal, furnished: Path) -> None:
    """Every kind of event that commands can cause has a summary in the timeline."""
    terminal.type("pause", ACTIVE)
    terminal.type("activate", ACTIVE)
    terminal.type("pause", ACTIVE)
    terminal.type("archive", ACTIVE)
    terminal.type("inboxes", "verify", PENDING)
    terminal.type("inboxes", "disable", INBOX)
    told = terminal.type("history", ACTIVE).out
    for words in ("sending begins", "requested", "sending goes on", "view-only, its inboxes are free"):
        assert words in told
    assert "can send" in terminal.type("history", PENDING).out
    assert "may not send" in terminal.type("history", INBOX).out
