"""A campaign that is to start and cannot: what is missing, what is at fault, and the way back."""

from __future__ import annotations

from pathlib import Path

from tests.adapters.given import ACTIVE, DRAFT, EMPTY, INBOX, PENDING, Terminal

MISSING, FAULTS = 7, 8


def test_an_early_launch_stays_a_draft_and_lists_what_is_missing(terminal: Terminal, furnished: Path) -> None:
    """It is accepted and changes nothing; the exit code says why it did not start."""
    outcome = terminal.asked("launch", EMPTY, code=MISSING)
    assert (outcome["status"], outcome["events"], outcome["is_launch_ready"]) == ("DRAFT", [], False)
    assert outcome["missing_requirements"] == ["leads", "inboxes", "email_content"]
    said = terminal.type("launch", EMPTY)
    assert (said.code, said.err) == (MISSING, "")
    assert "is DRAFT (version 1)" in said.out
    assert "it still needs: leads, an assigned inbox, e-mail content (variants)." in said.out


def test_an_early_activation_is_refused_with_the_same_code(terminal: Terminal, furnished: Path) -> None:
    """Unlike a launch it has nothing to save, so it is a refusal."""
    said = terminal.type("activate", EMPTY)
    assert (said.code, said.out) == (MISSING, "")
    assert "it still needs: leads" in said.err


def test_what_is_missing_does_not_fail_a_command_that_was_not_to_start_it(terminal: Terminal, furnished: Path) -> None:
    """Assigning an inbox to a campaign without leads succeeds."""
    assert terminal.asked("assign", EMPTY, INBOX)["missing_requirements"] == ["leads", "email_content"]


def test_a_failed_launch_is_mended_by_another_inbox(terminal: Terminal, furnished: Path) -> None:
    """DRAFT, its only inbox is disabled; FAILED; another inbox is assigned: DRAFT again; launched: ACTIVE."""
    assert terminal.asked("inboxes", "disable", INBOX)["status"] == "DISABLED"
    failed = terminal.asked("launch", DRAFT, code=FAULTS)
    assert (failed["status"], failed["events"]) == ("FAILED", ["campaign.failed"])
    assert [fault["code"] for fault in failed["faults"]] == ["no_usable_inbox"]
    assert failed["faults"][0]["sentence"].startswith("None of its assigned inboxes is ACTIVE (1 assigned: ")
    said = terminal.type("launch", DRAFT)
    assert (said.code, said.err) == (FAULTS, "")
    assert "Fault: None of its assigned inboxes is ACTIVE" in said.out
    shown = terminal.asked("show", DRAFT)
    assert [fault["examples"] for fault in shown["faults"]] == [[str(INBOX)]]
    assert "None of its assigned inboxes is ACTIVE" in terminal.type("show", DRAFT).out
    terminal.asked("inboxes", "verify", PENDING)
    mended = terminal.asked("assign", DRAFT, PENDING)
    assert (mended["status"], mended["events"]) == ("DRAFT", ["campaign.revised", "campaign.inboxes_assigned"])
    assert terminal.asked("show", DRAFT)["faults"] == []
    assert terminal.asked("launch", DRAFT)["status"] == "ACTIVE"
    history = terminal.type("history", DRAFT).out
    assert "None of its assigned" in history
    assert "a draft again" in history


def test_activating_a_draft_can_fail_it_too(terminal: Terminal, furnished: Path) -> None:
    """The command is accepted, the campaign is FAILED, and the exit code is that of a failed launch."""
    terminal.type("inboxes", "disable", INBOX)
    assert terminal.asked("activate", DRAFT, code=FAULTS)["status"] == "FAILED"


def test_a_paused_campaign_without_a_usable_inbox_is_not_resumed(terminal: Terminal, furnished: Path) -> None:
    """A launch answers the faults, an activation is refused with them; both with the same code."""
    terminal.type("pause", ACTIVE)
    terminal.type("inboxes", "disable", INBOX)
    launched = terminal.asked("launch", ACTIVE, code=FAULTS)
    assert (launched["status"], launched["events"], len(launched["faults"])) == ("PAUSED", [], 1)
    activated = terminal.type("activate", ACTIVE)
    assert (activated.code, activated.out) == (FAULTS, "")
    assert "None of its assigned inboxes is ACTIVE" in activated.err


def test_a_warning_is_told_and_does_not_keep_it_from_starting(terminal: Terminal, furnished: Path) -> None:
    """One of two inboxes may not send: the campaign starts with the other."""
    terminal.type("inboxes", "verify", PENDING)
    terminal.type("assign", DRAFT, INBOX, PENDING)
    terminal.type("inboxes", "disable", INBOX)
    said = terminal.type("launch", DRAFT)
    assert (said.code, said.err) == (0, "")
    assert "is ACTIVE (version 6)" in said.out
    assert f"Warning: Assigned inboxes that cannot send now: 1 ({INBOX})." in said.out
    assert f"cannot send now: 1 ({INBOX})" in terminal.type("show", DRAFT).out
    (warning,) = [each for each in terminal.asked("show", DRAFT)["warnings"] if each["code"] == "inbox_unusable"]
    assert (warning["count"], warning["examples"]) == (1, [str(INBOX)])
    assert warning["sentence"].startswith("Assigned inboxes that cannot send now")
