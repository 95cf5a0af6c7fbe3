"""One kernel shared by threads: nothing lost, nothing half there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from campaign_core import (
    CAMPAIGNS,
    LEADS,
    CreateCampaign,
    Kernel,
    Outcome,
    UpdateCampaign,
    UploadLeads,
    WrongExpectedVersion,
)
from tests.kernel.given import LEADS_CSV

THREADS, ROUNDS = 8, 12


def in_threads(work: Callable[[int], object]) -> list[object]:
    """Has each thread do the work with its number, all at the same time; answers what each answered."""
    start = Barrier(THREADS)

    def begin(number: int) -> object:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def test_threads_with_campaigns_of_their_own_lose_nothing(kernel: Kernel) -> None:
    """Each creates, uploads and updates; every outcome is in the log and in the views."""

    def work(number: int) -> UUID:
        campaign_id = kernel.handle(CreateCampaign(f"Launch number {number}")).id
        kernel.handle(UploadLeads(campaign_id, LEADS_CSV))
        for place in range(ROUNDS):
            kernel.handle(UpdateCampaign(campaign_id, name=f"Launch {number}, round {place}"))
        return campaign_id

    ids = in_threads(work)
    rows = {row.campaign_id: row for row in kernel.view(CAMPAIGNS).find()}
    assert set(rows) == set(ids)
    for number, campaign_id in enumerate(ids):
        assert isinstance(campaign_id, UUID)
        row = rows[campaign_id]
        assert (row.name, row.version) == (f"Launch {number}, round {ROUNDS - 1}", ROUNDS + 2)
        assert [each.version for each in kernel.history(campaign_id)] == list(range(1, ROUNDS + 3))
    assert kernel.view(LEADS).count() == 2 * THREADS
    checked = kernel.verify()
    assert (checked.events, checked.problems) == (THREADS * (ROUNDS + 2), ())


def test_threads_with_one_campaign_lose_no_update(kernel: Kernel) -> None:
    """Every accepted update is one event of the one stream, and the last of them is what the view shows."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id

    def work(number: int) -> list[Outcome]:
        return [
            kernel.handle(UpdateCampaign(campaign_id, name=f"Launch {number}, round {place}"))
            for place in range(ROUNDS)
        ]

    outcomes = [outcome for answer in in_threads(work) for outcome in answer]  # type: ignore[attr-defined]
    assert sorted(outcome.version for outcome in outcomes) == list(range(2, THREADS * ROUNDS + 2))
    history = kernel.history(campaign_id)
    row = kernel.view(CAMPAIGNS).get(campaign_id)
    assert row is not None
    assert (row.name, row.version) == (history[-1].event.change.name, len(history))
    assert kernel.verify().holds


def test_threads_that_expect_a_version_win_in_turn(kernel: Kernel) -> None:
    """All decide on the same version; one is carried out, the others learn the actual one."""
    campaign_id = kernel.handle(CreateCampaign("Spring launch")).id

    def work(number: int) -> int | None:
        try:
            kernel.handle(UpdateCampaign(campaign_id, name=f"Launch number {number}"), expected_version=1)
        except WrongExpectedVersion as wrong:
            return wrong.actual
        return None

    answers = in_threads(work)
    assert answers.count(None) == 1
    assert answers.count(2) == THREADS - 1
    assert len(kernel.history(campaign_id)) == 2


def test_threads_that_repeat_one_command_carry_it_out_once(kernel: Kernel) -> None:
    """All get the same outcome."""
    answers = in_threads(lambda _: kernel.handle(CreateCampaign("Spring launch"), command_id="create-1"))
    assert all(answer == answers[0] for answer in answers)
    assert kernel.view(CAMPAIGNS).count() == 1


def test_readers_see_a_campaign_before_or_after_an_update_and_never_between(kernel: Kernel) -> None:
    """Name and zone change together in one transaction; while one thread writes, seven read."""
    campaign_id = kernel.handle(CreateCampaign("In winter", timezone="UTC")).id

    def work(number: int) -> set[tuple[str, str]]:
        seen = set()
        for place in range(ROUNDS):
            if number == 0:
                name, zone = (("In summer", "Asia/Tokyo"), ("In winter", "UTC"))[place % 2]
                kernel.handle(UpdateCampaign(campaign_id, name=name, timezone=zone))
            row = kernel.view(CAMPAIGNS).get(campaign_id)
            assert row is not None
            seen.add((row.name, row.settings.timezone))
        return seen

    seen = set().union(*in_threads(work))  # type: ignore[arg-type]
    assert seen <= {("In winter", "UTC"), ("In summer", "Asia/Tokyo")}
