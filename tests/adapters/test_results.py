"""What a campaign brought, as programs read it and as people see it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaign_adapters.cli.result_screens import bar_of
from campaign_core import RegisterInbox, open_kernel
from campaign_core.log.sqlite import SqliteStore
from tests.adapters.given import DRAFT, EMPTY, Terminal
from tests.conftest import AT
from tests.kernel.test_results import ACCEPTED, BOUNCED, OPENED, REFUSED, REPLIED, SCANNED, SECOND_INBOX, Campaign, mail

#: Some day of the last 90, counted from the instant at which tests take place, and the day itself.
RECENT = (datetime.now(UTC) - AT).days
RECENT_DAY = datetime.fromtimestamp(AT.timestamp() + RECENT * 86_400, UTC).date().isoformat()
#: Of what is recorded long ago.
LONG_AGO = -3653
#: A date and the day behind it, long ago.
FIRST_DAY, SECOND_DAY = "2020-01-01", "2020-01-02"


@pytest.fixture(scope="session")
def _brought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The example of the reference, section 15: 498 of 500 mails went, 169 were opened and 40 answered, 2 bounced."""
    path = tmp_path_factory.mktemp("brought") / "campaigns.db"
    store = SqliteStore(path, may_lose_last_commits=True)
    with open_kernel(store) as kernel:
        kernel.handle(RegisterInbox("sales@out.example.com", inbox_id=SECOND_INBOX))
        campaign = Campaign(kernel, store)
        campaign.happened(1, mail("A"), ACCEPTED, BOUNCED, days=LONG_AGO)
        campaign.happened(1, mail("A"), REFUSED, days=LONG_AGO)
        campaign.happened(5, mail("A"), ACCEPTED, OPENED, REPLIED, days=LONG_AGO)
        campaign.happened(245, mail("A"), ACCEPTED, SCANNED, days=LONG_AGO)
        campaign.happened(35, mail("B", SECOND_INBOX), ACCEPTED, OPENED, REPLIED, days=LONG_AGO + 1)
        campaign.happened(129, mail("B", SECOND_INBOX), ACCEPTED, OPENED, days=RECENT)
        campaign.happened(84, mail("B", SECOND_INBOX), ACCEPTED, days=RECENT)
        return path, str(campaign.id)


@pytest.fixture
def brought(_brought: tuple[Path, str], tmp_path: Path) -> str:
    """The campaign, in `campaigns.db` in the folder of the test."""
    shutil.copy(_brought[0], tmp_path / "campaigns.db")
    return _brought[1]


def test_programs_get_counts_and_rates_with_four_decimals(terminal: Terminal, brought: str) -> None:
    """Every part, whatever people ask to see; a rate of nothing is null."""
    found = terminal.asked("stats", brought, "--by", "inbox")
    assert list(found) == [
        "campaign_id", "name", "status", "leads", "total", "by_step", "by_variant", "by_inbox", "timeline"
    ]  # fmt: skip
    total = found["total"]
    assert [total[each] for each in ("sent", "opened", "replied", "bounced", "opened_by_machine")] == [
        498,
        169,
        40,
        2,
        245,
    ]
    rates = [total[f"{each}_rate"] for each in ("open", "reply", "bounce", "machine_open", "click")]
    assert rates == [0.3394, 0.0803, 0.004, 0.492, 0.0]
    assert total["reply_interval"] == [0.0595, 0.1075]
    leads = found["leads"]
    assert [leads[each] for each in ("total", "contacted", "reached", "completion_rate", "success_rate")] == [
        500, 500, 498, 1.0, 0.996
    ]  # fmt: skip
    assert [(each["step_number"], each["sent"], each["open_rate"]) for each in found["by_step"]] == [
        (1, 498, 0.3394),
        (2, 0, None),
    ]
    variants = [(each["variant_name"], each["variant_label"], each["sent"]) for each in found["by_variant"]]
    assert variants == [("A", "Tea", 250), ("B", None, 248), ("A", None, 0)]
    inboxes = [(each["email_address"], each["sent"], each["bounced"]) for each in found["by_inbox"]]
    assert inboxes == [(None, 250, 2), ("sales@out.example.com", 248, 0)]


def test_people_see_percent_and_where_a_rate_lies(terminal: Terminal, brought: str) -> None:
    told = terminal.type("stats", brought).out.splitlines()
    assert told[1] == "500 leads: 500 contacted (100.00 %), 498 reached (99.60 %), 40 replied."
    lines = [" ".join(line.split()) for line in told]
    for line in ("sent 498", "opened 169 33.94 % 29.9-38.2 %", "replied 40 8.03 % 6.0-10.8 %",
                 "opened by a program 245 49.20 %", "bounced, not sent 2 0.40 % 0.1-1.4 %"):  # fmt: skip
        assert line in lines


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("step", ["1", "2"]),
        ("variant", ["1 A Tea", "1 B", "2 A"]),
        ("inbox", ["00000000 (removed)", "sales@out.example.com"]),
    ],
    ids=["step", "variant", "inbox"],
)
def test_people_see_the_part_they_ask_for(terminal: Terminal, brought: str, part: str, names: list[str]) -> None:
    """Rates with their intervals below them, nothing where nothing was sent."""
    said = terminal.type("stats", brought, "--by", part.upper()).out
    table = said.partition(f"\n{part.capitalize()} ")[2].partition("\n\n")[0]
    begun = [line for line in table.splitlines()[2:] if not line.startswith(" ")]
    assert [line[: len(name)] for line, name in zip(begun, names, strict=True)] == names
    if part == "variant":
        assert begun[1].split()[2:] == ["248", "66.13", "%", "14.11", "%", "0.00", "%"]
        assert "60.0-71.7 %   10.3-19.0 %" in table
        assert begun[2].split()[2:] == ["0", "-", "-", "-"]


def test_the_timeline_has_a_bar_for_each_day_asked_for(terminal: Terminal, brought: str) -> None:
    """The longest for the day with the most mails; days on which nothing happened are there too."""
    said = terminal.type("stats", brought, "--from", FIRST_DAY, "--to", "2020-01-03").out
    lines = [line.split() for line in said.splitlines() if line.startswith("2020-")]
    assert [line[:2] for line in lines] == [[FIRST_DAY, "251"], [SECOND_DAY, "35"], ["2020-01-03", "0"]]
    bars = [len(line[2]) for line in lines if "#" in line[2]]
    assert bars[1] == round(bars[0] * 35 / 251)
    assert lines[0][3:] == ["5", "5", "2", "0"]
    found = terminal.asked("stats", brought, "--from", FIRST_DAY, "--to", "2020-01-03")["timeline"]
    assert [(each["date"], each["sent"], each["bounced"]) for each in found] == [
        (FIRST_DAY, 251, 2),
        (SECOND_DAY, 35, 0),
        ("2020-01-03", 0, 0),
    ]


def test_without_days_only_those_on_which_anything_happened_lately_are_drawn(terminal: Terminal, brought: str) -> None:
    """Programs get all of the last 90."""
    said = terminal.type("stats", brought).out
    assert [line.split()[:2] for line in said.splitlines() if "#" in line] == [[RECENT_DAY, "213"]]
    days = terminal.asked("stats", brought)["timeline"]
    assert len(days) == 90
    assert sum(each["sent"] for each in days) == 213


def test_a_campaign_that_sent_nothing_says_so(terminal: Terminal, furnished: Path) -> None:
    said = terminal.type("stats", EMPTY).out
    assert "It has no leads." in said
    assert "Nothing happened in the last 90 days." in said
    assert "2 leads: 0 contacted (0.00 %)" in terminal.type("stats", DRAFT).out


@pytest.mark.parametrize(
    ("count", "length"), [(0, 0), (1, 1), (50, 10), (100, 20)], ids=["nothing", "hardly anything", "half", "most"]
)
def test_a_bar_is_as_long_as_its_count_beside_the_most(count: int, length: int) -> None:
    """Of twenty characters; where there is anything there is a bar."""
    assert bar_of(count, 100, 20) == "#" * length


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_every_line_fits_and_no_number_is_cut(
    terminal: Terminal, brought: str, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """A narrow terminal is shown fewer columns."""
    monkeypatch.setenv("COLUMNS", str(columns))
    for line in (["stats", brought, "--by", "variant", "--from", FIRST_DAY, "--to", SECOND_DAY], ["ab", brought]):
        said = terminal.type(*line)
        assert max(map(len, said.out.splitlines())) <= columns
        assert {"250", "248"} <= set(said.out.split())
    assert ("Bounced" in terminal.type("stats", brought, "--by", "step").out) is (columns >= 80)


def test_the_better_variant_is_named_with_its_evidence(terminal: Terminal, brought: str) -> None:
    """As data and in words, and the same in both."""
    found = terminal.asked("ab", brought)
    assert list(found) == ["campaign_id", "name", "measure", "steps"]
    (step,) = found["steps"]
    assert (step["step_number"], step["winner"], step["more_mails"], step["needed"]) == (1, "B", 0, 40.0)
    assert [(each["better"], each["other"], each["e_value"] >= 40) for each in step["evidence"]] == [("B", "A", True)]
    variants = [(each["variant_name"], each["sent"], each["successes"], each["rate"]) for each in step["variants"]]
    assert variants == [("A", 250, 5, 0.02), ("B", 248, 35, 0.1411)]
    said = " ".join(terminal.type("ab", brought).out.split())
    assert step["sentence"] in said
    assert "Step 1, by replies:" in said
    assert "248 35 14.11 % 10.3-19.0 % wins" in said


def test_variants_can_be_compared_by_opens(terminal: Terminal, brought: str) -> None:
    """What a program opened does not count."""
    (step,) = terminal.asked("ab", brought, "--measure", "OPENS")["steps"]
    assert [(each["successes"], each["rate"]) for each in step["variants"]] == [(5, 0.02), (164, 0.6613)]
    assert step["variants"][1]["interval"] == [0.6003, 0.7173]


def test_where_there_is_nothing_to_compare_the_answer_says_so(
    terminal: Terminal, furnished: Path, brought: str
) -> None:
    """For a step that was asked for, its one variant is shown."""
    said = terminal.type("ab", brought, "--step", "2")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1] == "Step 2 has no two variants to compare."
    (step,) = terminal.asked("ab", brought, "--step", "2")["steps"]
    assert (step["winner"], step["more_mails"], step["evidence"]) == (None, None, [])
    assert [each["variant_name"] for each in step["variants"]] == ["A"]


def test_a_campaign_with_one_variant_has_nothing_to_compare(terminal: Terminal, furnished: Path) -> None:
    assert terminal.asked("ab", DRAFT)["steps"] == []
    assert "There is nothing to compare: no step has two variants." in terminal.type("ab", DRAFT).out


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (["stats", "DRAFT", "--by", "colour"], 2, "step, variant, inbox"),
        (["stats", "DRAFT", "--from", "yesterday"], 2, "--from"),
        (["stats", "DRAFT", "--to", "2030-02-30"], 2, "--to"),
        (["stats", "DRAFT", "--from", SECOND_DAY, "--to", FIRST_DAY], 3, "--from: must not be behind"),
        (["stats", "DRAFT", "--from", "1990-01-01", "--to", FIRST_DAY], 3, "--from: must be less than 3,660 days"),
        (["stats", "abcdef12"], 4, "There is no campaign abcdef12"),
        (["ab", "DRAFT", "--step", "4"], 3, "--step: the campaign has no step 4; the steps it has: 1"),
        (["ab", "DRAFT", "--step", "0"], 2, "--step"),
        (["ab", "DRAFT", "--measure", "clicks"], 2, "replies, opens"),
    ],
    ids=["part", "no day", "no date", "behind", "too long", "unknown", "no step", "step 0", "measure"],
)
def test_wrong_input_is_refused_in_one_sentence(
    terminal: Terminal, furnished: Path, line: list[str], code: int, sentence: str
) -> None:
    said = terminal.type(*(DRAFT if each == "DRAFT" else each for each in line))
    assert (said.code, said.out, len(said.err.splitlines())) == (code, "", 1)
    assert sentence in said.err
