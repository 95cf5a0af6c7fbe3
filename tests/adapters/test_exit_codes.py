"""The one table from error classes to exit codes: complete, unambiguous and documented."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from campaign_adapters.cli.exit_codes import MEANINGS, ExitCode, code_of, codes_by_class
from campaign_adapters.http_api.keys import UnknownKey
from campaign_core import errors
from campaign_core.errors import CampaignError
from tests.adapters.given import Terminal


def leaves(kind: type[CampaignError] = CampaignError) -> Iterator[type[CampaignError]]:
    """Every error class that has no subclass."""
    below = [each for each in kind.__subclasses__() if each.__module__.startswith("campaign_core")]
    if not below:
        yield kind
    for each in below:
        yield from leaves(each)


LEAVES = sorted(set(leaves()), key=lambda each: each.__name__)


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_every_leaf_error_has_an_exit_code_of_its_family(kind: type[CampaignError]) -> None:
    """No refusal of the kernel ends as an unexpected error, and none as a success."""
    code = code_of(kind.__new__(kind))
    assert code not in (ExitCode.OK, ExitCode.UNEXPECTED, ExitCode.USAGE)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidMessage((errors.Problem("$", "wrong"),)), 3),
        (errors.LeadFileRefused("too large"), 3),
        (errors.UnknownCampaign(uuid4()), 4),
        (errors.UnknownInbox(uuid4()), 4),
        (errors.UnknownLead(uuid4()), 4),
        (errors.UnknownFollowUp(uuid4()), 4),
        (errors.UnknownWorkspace("europe"), 4),
        (UnknownKey("5f0c2a91d3e4"), 4),
        (errors.IllegalTransition("campaign", "pause", "DRAFT", (), "be paused"), 5),
        (errors.AlreadyExists("inbox", "a@b"), 6),
        (errors.UnusableInboxes((uuid4(),)), 6),
        (errors.InboxInUse(uuid4(), (uuid4(),)), 6),
        (errors.UnfitSequences("too many"), 6),
        (errors.NotLaunchReady(("leads",)), 7),
        (errors.PreflightFailed(("no inbox",)), 8),
        (errors.WrongExpectedVersion("campaign-1", 1, 2), 9),
        (errors.LogBusy("busy"), 10),
        (errors.LogUnavailable("gone"), 11),
        (errors.UnsupportedLog("not ours"), 12),
        (errors.CorruptLog("broken"), 13),
        (errors.ViewFailed("leads", 1), 14),
        (errors.MisuseError("misused"), 15),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_the_numbers_are_these(error: CampaignError, code: int) -> None:
    """Scripts rely on the numbers: changing one is a change of the interface."""
    assert code_of(error) == code


def test_an_error_that_is_not_the_kernels_is_unexpected() -> None:
    """The table says nothing about errors of the program itself."""
    assert code_of(ValueError("?")) == ExitCode.UNEXPECTED


def test_the_table_names_only_classes_of_the_kernel() -> None:
    """Every row is about an error that can be raised."""
    assert all(issubclass(kind, CampaignError) for kind in codes_by_class())


def test_every_code_has_a_meaning_that_the_help_prints(terminal: Terminal) -> None:
    """`campaign --help` documents each number, once."""
    assert list(MEANINGS) == list(ExitCode)
    lines = [line.split(maxsplit=1) for line in terminal.type("--help").out.splitlines()]
    printed = {int(words[0]): words[1] for words in lines if len(words) == 2 and words[0].isdigit()}
    assert printed == {code.value: meaning for code, meaning in MEANINGS.items()}


def test_what_keeps_a_campaign_from_starting_has_numbers_of_its_own() -> None:
    """Missing parts and faults: no other error shares their numbers."""
    own = {ExitCode.PARTS_MISSING: errors.NotLaunchReady, ExitCode.CANNOT_RUN: errors.PreflightFailed}
    for code, kind in own.items():
        assert [each for each, number in codes_by_class().items() if number == code] == [kind]
