"""What a caller decided on: expected versions; and what is tried again, and what never."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from campaign_core import (
    CAMPAIGNS,
    CreateCampaign,
    Kernel,
    LogBusy,
    PauseCampaign,
    UnknownCampaign,
    UpdateCampaign,
    WrongExpectedVersion,
    open_kernel,
)
from campaign_core.kernel.stores import open_store
from campaign_core.log.ports import Store, Tables
from tests.conftest import AT
from tests.kernel.given import active, draft


def test_the_right_version_is_accepted(kernel: Kernel) -> None:
    """The version of the last outcome, or of the view's row."""
    made = draft(kernel)
    row = kernel.view(CAMPAIGNS).get(made.campaign_id)
    assert row is not None
    first = kernel.handle(UpdateCampaign(made.campaign_id, name="Summer launch"), expected_version=row.version)
    assert first.version == row.version + 1
    kernel.handle(UpdateCampaign(made.campaign_id, name="Autumn launch"), expected_version=first.version)


@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_wrong_version_is_refused_with_the_actual_one(kernel: Kernel, off_by: int) -> None:
    """Behind or ahead; nothing is recorded."""
    campaign_id = draft(kernel).campaign_id
    with pytest.raises(WrongExpectedVersion) as caught:
        kernel.handle(UpdateCampaign(campaign_id, name="Summer launch"), expected_version=4 + off_by)
    wrong = caught.value
    assert (wrong.stream, wrong.expected, wrong.actual) == (f"campaign-{campaign_id}", 4 + off_by, 4)
    assert not wrong.retryable
    assert len(kernel.history(campaign_id)) == 4


def test_a_stream_that_does_not_exist_has_version_0(kernel: Kernel) -> None:
    """So a creation may say that it expects none."""
    created = kernel.handle(CreateCampaign("Spring launch"), expected_version=0)
    with pytest.raises(WrongExpectedVersion) as caught:
        kernel.handle(CreateCampaign("Spring launch", campaign_id=created.id), expected_version=0)
    assert (caught.value.expected, caught.value.actual) == (0, 1)


def test_a_wrong_version_comes_before_the_rules(kernel: Kernel) -> None:
    """A caller who decided on an old state is told so, not that the move is illegal."""
    campaign_id = draft(kernel).campaign_id
    with pytest.raises(WrongExpectedVersion):
        kernel.handle(PauseCampaign(campaign_id), expected_version=1)


def test_a_command_that_records_nothing_checks_the_version_too(kernel: Kernel) -> None:
    """Nothing to do is an answer about the state, and the caller's state is another."""
    campaign_id = active(kernel).campaign_id
    kernel.handle(PauseCampaign(campaign_id))
    with pytest.raises(WrongExpectedVersion):
        kernel.handle(PauseCampaign(campaign_id), expected_version=5)
    assert kernel.handle(PauseCampaign(campaign_id), expected_version=6).events == ()


def test_a_remembered_command_is_answered_whatever_the_version(kernel: Kernel) -> None:
    """It was carried out when its version was right; by now the stream has moved on because of it."""
    campaign_id = draft(kernel).campaign_id
    update = UpdateCampaign(campaign_id, name="Summer launch")
    first = kernel.handle(update, command_id="update-1", expected_version=4)
    assert kernel.handle(update, command_id="update-1", expected_version=4) == first


class Reluctant:
    """A store that is busy for the first so many write transactions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: Write transactions to refuse from now on.
        self.busy = 0
        #: Write transactions asked for.
        self.asked = 0

    def reading(self) -> AbstractContextManager[Tables]:
        return self._store.reading()

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        self.asked += 1
        if self.busy:
            self.busy -= 1
            raise LogBusy("The log was being written for too long; try again.")
        with self._store.writing() as tables:
            yield tables

    def scrub(self) -> bool:
        return self._store.scrub()

    def close(self) -> None:
        self._store.close()


@pytest.fixture
def reluctant(location: str) -> Reluctant:
    return Reluctant(open_store(location))


@pytest.mark.parametrize("times", [1, 2])
def test_a_busy_log_is_asked_again(reluctant: Reluctant, times: int) -> None:
    """Three times in all; the command is carried out once."""
    with open_kernel(reluctant, clock=lambda: AT) as kernel:
        reluctant.asked, reluctant.busy = 0, times
        created = kernel.handle(CreateCampaign("Spring launch"))
        assert reluctant.asked == times + 1
        assert len(kernel.history(created.id)) == 1


def test_a_log_that_stays_busy_is_given_up_on(reluctant: Reluctant) -> None:
    """After three times the caller is told, and told that it may try again; nothing was recorded."""
    with open_kernel(reluctant, clock=lambda: AT) as kernel:
        reluctant.asked, reluctant.busy = 0, 3
        with pytest.raises(LogBusy) as caught:
            kernel.handle(CreateCampaign("Spring launch"))
        assert caught.value.retryable
        assert reluctant.asked == 3
        assert kernel.view(CAMPAIGNS).count() == 0


def test_nothing_else_is_tried_again(reluctant: Reluctant) -> None:
    """A caller's own version and a rule's refusal are answers: one transaction each."""
    with open_kernel(reluctant, clock=lambda: AT) as kernel:
        created = kernel.handle(CreateCampaign("Spring launch"))
        reluctant.asked = 0
        with pytest.raises(WrongExpectedVersion):
            kernel.handle(UpdateCampaign(created.id, name="Summer launch"), expected_version=7)
        assert reluctant.asked == 1
        with pytest.raises(UnknownCampaign):
            kernel.handle(PauseCampaign(UUID(int=1)))
        assert reluctant.asked == 2


def test_an_event_is_stamped_with_the_time_of_its_own_transaction(reluctant: Reluctant) -> None:
    """Not with that of the call, nor of a try that came to nothing: here each try takes an hour."""
    with open_kernel(reluctant, clock=lambda: AT + timedelta(hours=reluctant.asked)) as kernel:
        reluctant.asked, reluctant.busy = 0, 2
        (event,) = kernel.history(kernel.handle(CreateCampaign("Spring launch")).id)
    assert event.metadata.recorded_at == event.occurred_at == AT + timedelta(hours=3)
