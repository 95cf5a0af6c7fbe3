"""The mails seen before they go, and the check of everything a launch would look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from campaign_adapters.cli.mail_data import FAULTS
from campaign_adapters.cli.wording import finding_lines
from campaign_core import (
    ContentType,
    FollowUp,
    FollowUpVariant,
    Kernel,
    TriggerType,
    UpdateCampaign,
    UploadLeads,
    Variant,
    open_kernel,
)
from campaign_core.campaign import mails
from campaign_core.campaign.findings import SENTENCES, Finding
from tests.adapters.given import DRAFT, EMPTY, INBOX, Terminal

PLAIN = Variant(
    variant_name="A",
    distribution_percent=50,
    subject_template="{{Hello|Hi|Hey}} {{first_name}}",
    email_content="{{dn_time_of_day}} {{first_name|you}},\n\nwho at {{company}} decides {{this|that}}?",
)
PAGE = Variant(
    variant_name="B",
    distribution_percent=50,
    content_type=ContentType.HTML,
    subject_template="{{company}}",
    email_content="<p>Dear <b>{{first_name}}</b>, greetings to {{company}}.</p>",
)
REMINDER = FollowUp(
    step_number=2,
    trigger_type=TriggerType.NOT_REPLIED,
    wait_days=3,
    enable_unsubscribe=False,
    variants=(FollowUpVariant(email_content="My mail may have been lost, {{first_name}}."),),
)
PEOPLE = b"email,first_name,company\nada@acme.example.com,Ada,Byron & Co\nbo@acme.example.com,Bo,\ncy@acme.example.com,,Acme\n"
FOOTER = '--\n  To receive no more mails from us, answer with "unsubscribe".'


@pytest.fixture
def written(furnished: Path) -> Path:
    """The database with mails in it: `EMPTY` has two variants, a follow-up and three leads, one without a company."""
    with open_kernel(furnished) as kernel:
        kernel.handle(UploadLeads(EMPTY, PEOPLE))
        kernel.handle(
            UpdateCampaign(
                EMPTY,
                inbox_ids=(INBOX,),
                variants=(PLAIN, PAGE),
                sequences=(REMINDER,),
                reply_to="mara@acme.example.com",
            )
        )
    return furnished


def test_a_mail_is_shown_as_it_would_go(terminal: Terminal, written: Path) -> None:
    """Headings, headers, the text with its footer, what else there is to see, and when it would go."""
    shown = terminal.type("preview", EMPTY, "--at", "2030-01-01T18:30").out
    assert shown.startswith(
        "Mails to ada@acme.example.com, as of Tue 2030-01-01 18:30 America/New_York:\n\nstep 1, variant A\n"
    )
    first, page, reminder = shown.split("\nstep ")[1:]
    assert (
        "From:     mara@out.example.com\nTo:       ada@acme.example.com\nReply-To: mara@acme.example.com\nSubject:  H"
        in first
    )
    assert "\n\n  Good evening Ada,\n\n  who at Byron & Co decides th" in first
    assert first.endswith(f"  {FOOTER}\n\n[6 wordings (--all-combinations lists them)]\n")
    assert page.startswith("1, variant B\n")
    assert "Subject:  Byron & Co\n\n  Dear Ada, greetings to Byron & Co.\n" in page
    assert page.endswith(f"  {FOOTER}\n\n[HTML too (--html shows it)]\n")
    assert reminder.startswith("2, variant A\n")
    assert reminder.endswith("\n\n  My mail may have been lost, Ada.\n")
    assert reminder.partition("Subject:  ")[2].startswith("Re: H")


def test_the_source_of_html_is_shown_on_request_and_never_folded(
    terminal: Terminal, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values are escaped in it; a mail without HTML shows its text all the same."""
    monkeypatch.setenv("COLUMNS", "40")
    shown = terminal.type("preview", EMPTY, "--html", "--step", "1").out
    assert "  <p>Dear <b>Ada</b>, greetings to Byron &amp; Co.</p><div>-- <br>To receive" in shown
    assert "HTML too" not in shown
    assert "  Good " in shown


def test_a_mail_is_data_with_stable_names(terminal: Terminal, written: Path) -> None:
    """What a program relies on."""
    answer = terminal.asked("preview", EMPTY, "--variant", "b", "--at", "2030-01-01T10:00Z")
    assert list(answer) == ["campaign_id", "at", "mails"]
    assert (answer["campaign_id"], answer["at"]) == (str(EMPTY), "2030-01-01T10:00:00.000000Z")
    (mail,) = answer["mails"]
    assert isinstance(mail.pop("lead_id"), str)
    assert mail == {
        "step_number": 1,
        "sequence_id": None,
        "variant_name": "B",
        "content_type": "html",
        "faults": [],
        "wordings": 1,
        "mail": {
            "from": "mara@out.example.com",
            "to": "ada@acme.example.com",
            "reply_to": "mara@acme.example.com",
            "subject": "Byron & Co",
            "text": "Dear Ada, greetings to Byron & Co.\n\n-- \n"
            'To receive no more mails from us, answer with "unsubscribe".',
            "html": "<p>Dear <b>Ada</b>, greetings to Byron &amp; Co.</p><div>-- <br>"
            "To receive no more mails from us, answer with &quot;unsubscribe&quot;.</div>",
        },
    }


def test_a_lead_is_named_by_its_address_or_its_id(terminal: Terminal, written: Path) -> None:
    """However the address is written; the first lead where none is named."""
    by_address = terminal.asked("preview", EMPTY, "--lead", "CY@acme.example.com")
    lead = by_address["mails"][0]["lead_id"]
    by_id = terminal.asked("preview", EMPTY, "--lead", lead)
    assert by_id["mails"] == by_address["mails"]
    assert {each["mail"]["to"] for each in by_id["mails"]} == {"cy@acme.example.com"}
    assert {each["mail"]["to"] for each in terminal.asked("preview", EMPTY)["mails"]} == {"ada@acme.example.com"}


def test_a_mail_with_faults_says_which(terminal: Terminal, written: Path) -> None:
    """In words for people, with its code for programs; asking is no failure."""
    shown = terminal.type("preview", EMPTY, "--lead", "bo@acme.example.com")
    assert shown.code == 0
    assert "step 1, variant B\nThis mail cannot go: with these values its subject would be blank.\n" in shown.out
    asked = terminal.asked("preview", EMPTY, "--lead", "bo@acme.example.com", "--variant", "B")
    (mail,) = asked["mails"]
    assert (mail["mail"], mail["faults"]) == (
        None,
        [{"code": "blank_subject", "sentence": "This mail cannot go: with these values its subject would be blank."}],
    )


def test_every_fault_of_a_mail_has_words() -> None:
    """Whatever keeps a mail from going is told, and each is also a fault of a launch."""
    told = {mails.BLANK_SUBJECT, mails.BLANK_CONTENT, mails.LINE_BREAK}
    assert set(FAULTS) == told
    assert told <= set(SENTENCES)


def test_values_can_be_tried(terminal: Terminal, written: Path) -> None:
    """Over those of a lead, or in place of one; nothing is recorded."""
    before = terminal.asked("log")
    over = ["preview", EMPTY, "--step", "1", "--variant", "B", "--set", "company=Eastern & Sons"]
    named = terminal.type(*map(str, over), "--lead", "ada@acme.example.com").out
    assert named.startswith("Mails to ada@acme.example.com with the values given, as of ")
    assert "Dear Ada, greetings to Eastern & Sons." in named
    alone = terminal.type(*map(str, over)).out
    assert alone.startswith("Mails to somebody with the values given, as of ")
    assert "To:       lead@example.com\n" in alone
    assert "Dear , greetings to Eastern & Sons." in alone
    named = terminal.asked(*map(str, over), "--set", " Email =Eva@Code.example")
    assert (named["mails"][0]["lead_id"], named["mails"][0]["mail"]["to"]) == (None, "Eva@code.example")
    assert terminal.asked("log") == before


def test_a_value_with_a_line_break_never_gets_into_a_header(terminal: Terminal, written: Path) -> None:
    """The mail is not shown, and says why."""
    shown = terminal.type("preview", EMPTY, "--variant", "B", "--set", "company=Acme\nBcc: eve@evil.example").out
    assert (
        "This mail cannot go: with these values its subject would have a line break or another control character."
        in shown
    )
    assert "evil" not in shown


def test_a_value_cannot_steer_the_terminal(terminal: Terminal, written: Path) -> None:
    """Escape sequences in a body are written out, in text and in HTML source."""
    with open_kernel(written) as kernel:
        kernel.handle(UpdateCampaign(EMPTY, variants=(PLAIN, attrs.evolve(PAGE, subject_template="Hello"))))
    for more in ([], ["--html"], ["--all-combinations"]):
        out = terminal.type("preview", EMPTY, "--set", "first_name=\x1b[31mred\u202e", "--variant", "B", *more).out
        assert r"[31mred\u202e" in out
        assert not {"\x1b", "\u202e"} & set(out)


def test_every_wording_is_listed(terminal: Terminal, written: Path) -> None:
    """As many as there are, or the first of them with the number of all."""
    asked = terminal.asked("preview", EMPTY, "--all-combinations", "--at", "2030-01-01T10:00")
    first, page, reminder = asked["mails"]
    texts = {(each["subject"], each["body"]) for each in first["combinations"]}
    assert texts == {
        (f"{hello} Ada", f"Good morning Ada,\n\nwho at Byron & Co decides {what}?")
        for hello in ("Hello", "Hi", "Hey")
        for what in ("this", "that")
    }
    assert first["wordings"] == len(first["combinations"]) == 6
    assert [len(each["combinations"]) for each in (page, reminder)] == [1, 1]
    assert reminder["combinations"][0]["subject"] is None
    shown = terminal.type("preview", EMPTY, "--all-combinations", "--limit", "2").out
    assert "step 1, variant A\n6 wordings, the first 2:\n\n1. Subject: Hello Ada\n  Good " in shown
    assert "\n2. Subject: Hello Ada\n" in shown
    assert "3. Subject" not in shown
    assert "step 1, variant B\n1 wording:\n\n1. Subject: Byron & Co\n  Dear Ada, greetings to Byron & Co.\n" in shown
    assert "step 2, variant A\n1 wording:\n\n1. Subject: (stays in the thread)\n  My mail" in shown
    source = terminal.type("preview", EMPTY, "--all-combinations", "--html", "--variant", "B").out
    assert "  <p>Dear <b>Ada</b>, greetings to Byron &amp; Co.</p>\n" in source


def test_a_number_of_wordings_beyond_telling_is_null(terminal: Terminal, written: Path) -> None:
    """Up to a million million it is told; the first wordings are listed all the same."""
    with open_kernel(written) as kernel:
        ten = "{{0|1|2|3|4|5|6|7|8|9}}"
        variants = [
            Variant(variant_name=name, distribution_percent=50, subject_template="Hello", email_content=body)
            for name, body in (("A", ten * 12), ("B", ten * 13))
        ]
        kernel.handle(UpdateCampaign(EMPTY, variants=tuple(variants), sequences=()))
    most, more = terminal.asked("preview", EMPTY, "--all-combinations", "--limit", "1")["mails"]
    assert (most["wordings"], most["combinations"]) == (10**12, [{"subject": "Hello", "body": "0" * 12}])
    assert (more["wordings"], len(more["combinations"])) == (None, 1)
    shown = terminal.type("preview", EMPTY, "--all-combinations", "--limit", "1").out
    assert "1,000,000,000,000 wordings, the first 1:" in shown
    assert "more than 1,000,000,000,000 wordings, the first 1:" in shown


def test_a_campaign_without_mails_or_leads_says_so(terminal: Terminal, furnished: Path) -> None:
    """Neither is an error."""
    assert terminal.type("preview", EMPTY) == (
        0, "The campaign has no e-mail content yet; `campaign variants ID FILE` brings it.\n", ""
    )  # fmt: skip
    assert terminal.asked("preview", EMPTY)["mails"] == []
    with open_kernel(furnished) as kernel:
        alone = Variant(subject_template="{{Hello|Hi}} {{first_name}}", email_content="A mail of some length.")
        kernel.handle(UpdateCampaign(EMPTY, variants=(alone,)))
    shown = terminal.type("preview", EMPTY).out
    assert shown.startswith("The campaign has no leads yet. Mails to somebody with an address and nothing else, as of ")
    assert "From:     (no inbox assigned)\nTo:       lead@example.com\n" in shown
    assert shown.endswith("\n[2 wordings (--all-combinations lists them)]\n")
    (mail,) = terminal.asked("preview", EMPTY)["mails"]
    assert (mail["lead_id"], mail["mail"]["from"], mail["mail"]["reply_to"]) == (None, None, None)


@pytest.mark.parametrize("columns", [80, 140])
def test_mails_fit_the_terminal(
    terminal: Terminal, written: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """Long lines of a text are folded between words, under the same margin."""
    monkeypatch.setenv("COLUMNS", str(columns))
    with open_kernel(written) as kernel:
        long = Variant(subject_template="A question " * 20, email_content="who decides how parcels leave " * 30)
        kernel.handle(UpdateCampaign(EMPTY, variants=(long,)))
    for more in ([], ["--all-combinations"]):
        lines = terminal.type("preview", EMPTY, *more).out.splitlines()
        assert max(map(len, lines)) <= columns
        body = [line for line in lines if "parcels" in line]
        assert len(body) > 3
        assert all(line.startswith("  ") and not line.startswith("   ") for line in body)


def _launchable(kernel: Kernel) -> None:
    kernel.handle(UpdateCampaign(DRAFT, postal_address="Acme, 1 Main Street"))


def _lacks_content(kernel: Kernel) -> None:
    kernel.handle(UploadLeads(EMPTY, PEOPLE))


def _has_faults(kernel: Kernel) -> None:
    kernel.handle(UploadLeads(EMPTY, PEOPLE))
    kernel.handle(UpdateCampaign(EMPTY, inbox_ids=(INBOX,), variants=(PLAIN, PAGE)))


CHECKS: dict[str, tuple[Any, Callable[[Kernel], None], int, list[str], list[str]]] = {
    "could-start": (DRAFT, _launchable, 0, [], []),
    "lacks-parts": (EMPTY, _lacks_content, 7, ["inboxes", "email_content"], []),
    "has-faults": (EMPTY, _has_faults, 8, [], ["blank_subject"]),
}


@pytest.mark.parametrize("case", CHECKS)
def test_preflight_says_what_a_launch_would_say(terminal: Terminal, furnished: Path, case: str) -> None:
    """The same parts, faults and exit code as the launch behind it; and it changes nothing."""
    campaign, given, code, missing, faults = CHECKS[case]
    with open_kernel(furnished) as kernel:
        given(kernel)
    before = terminal.asked("log")
    told = terminal.asked("preflight", campaign, code=code)
    assert terminal.asked("log") == before
    assert list(told) == ["campaign_id", "is_launch_ready", "missing_requirements", "warnings", "faults"]
    assert told["missing_requirements"] == missing
    assert [each["code"] for each in told["faults"]] == faults
    launched = terminal.asked("launch", campaign, code=code)
    assert (launched["missing_requirements"], launched["faults"]) == (missing, told["faults"])


def test_faults_are_told_with_the_first_lead_and_how_to_see_it(terminal: Terminal, furnished: Path) -> None:
    """By the check, by the launch, and by `show` afterwards; the command line that is shown can be typed."""
    with open_kernel(furnished) as kernel:
        _has_faults(kernel)
    for line in (["preflight", str(EMPTY)], ["launch", str(EMPTY)]):
        said = terminal.type(*line)
        assert said.code == 8
        assert (
            "Fault: Subjects that would be blank: 1; give each some text or a fallback.\n  step 1 variant B for lead "
        ) in said.out
        assert (
            "Warning: Variables without a fallback that some leads lack: 2; they are left out there.\n  first"
            in said.out
        )
        typed = said.out.partition("  $ campaign ")[2].split()
        assert typed[0] == "preview"
        assert "This mail cannot go" in terminal.type(*typed).out
    shown = " ".join(terminal.type("show", EMPTY).out.split())
    assert (
        "Warning Variables without a fallback that some leads lack: 2; they are left out there. first_name (1" in shown
    )
    assert (
        "Fault Subjects that would be blank: 1; give each some text or a fallback. step 1 variant B for lead " in shown
    )


def test_a_campaign_that_could_start_is_told_so(terminal: Terminal, furnished: Path) -> None:
    """In one sentence, with the warnings below it."""
    said = terminal.type("preflight", DRAFT).out.splitlines()
    assert said == [
        "The campaign could start now: every mail can go to every lead.",
        "Warning: Its mails carry no postal address of the sender.",
    ]


def test_an_inbox_that_cannot_send_is_a_fault_before_the_launch_too(terminal: Terminal, furnished: Path) -> None:
    """A fault without a lead names no mail to look at."""
    terminal.type("inboxes", "disable", INBOX)
    said = terminal.type("preflight", DRAFT)
    assert said.code == 8
    assert "The campaign could not run:\nFault: None of its assigned inboxes is ACTIVE (1 assigned: " in said.out
    assert "$ campaign" not in said.out
    assert terminal.asked("preflight", EMPTY, code=7)["faults"] == []


def test_what_a_save_says_about_its_texts_is_told_one_to_a_line(terminal: Terminal, furnished: Path) -> None:
    """Readings are called so and not warnings; where a list is long, each example has a line of its own."""
    Path("v.yaml").write_text(
        "- subject_template: '{{Hello|Hi}} {{first_name|there}}'\n"
        "  email_content: '{{Good morning|Welcome}} {{company|at home}}, {first_name}.'\n",
        encoding="utf-8",
    )
    said = terminal.type("variants", DRAFT, "v.yaml").out.splitlines()
    at = said.index("Reading: Braces read as a choice of texts: 2.")
    assert said[at + 1].startswith("  step 1 variant A subject_template line 1, column 1: This is a choice of 2 texts.")
    assert said[at + 2].startswith("  step 1 variant A email_content line 1, column 1: This is a choice of 2 texts.")
    assert any(line.startswith("Warning: Names in single braces, which are sent as they stand: 1") for line in said)
    assert not any(line.startswith("Warning: Braces read") for line in said)
    assert "Names in single braces" in terminal.type("show", DRAFT).out


def test_a_finding_has_its_examples_beside_it_or_below_it() -> None:
    """One line where it is short; else one example a line, and how many more there are."""
    short = Finding.about("inbox_unusable", ["one", "two"])
    assert finding_lines(short, "Warning: ") == ["Warning: Assigned inboxes that cannot send now: 2 (one, two)."]
    places = [f"step {number} variant A, which is far away" for number in range(1, 6)]
    assert finding_lines(Finding.about("single_braces", places)) == [
        "Names in single braces, which are sent as they stand: 5.",
        *(f"  {place}" for place in places[:3]),
        "  and 2 more",
    ]
    assert len(finding_lines(Finding.about("single_braces", places[:3]))) == 4
