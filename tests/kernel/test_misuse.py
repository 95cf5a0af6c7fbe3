"""What a caller may not do with a kernel, and that it is told so in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest

from campaign_core import CAMPAIGNS, LEADS, CreateCampaign, Kernel, MisuseError, open_kernel
from tests.conftest import AT


@pytest.mark.parametrize("name", ["memory:", "campaigns.db"], ids=["memory", "sqlite"])
def test_a_clock_must_answer_aware_times(tmp_path: Path, name: str) -> None:
    """A naive time would be read as the machine's own."""
    location = name if name == "memory:" else tmp_path / name
    with pytest.raises(
        MisuseError, match=r"The kernel's clock must answer aware times, such as datetime\.now\(UTC\)\."
    ):
        open_kernel(location, clock=lambda: datetime(2030, 1, 1))


def test_a_clock_that_turns_naive_is_refused_too(location: str) -> None:
    """With nothing recorded."""
    answers = [AT]
    with open_kernel(location, clock=lambda: answers[-1]) as kernel:
        answers.append(datetime(2030, 1, 1))
        with pytest.raises(MisuseError, match="aware times"):
            kernel.handle(CreateCampaign("Spring launch"))
        assert kernel.verify().events == 0


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(attrs.evolve(CAMPAIGNS, name="sales"), id="of another name"),
        pytest.param(attrs.evolve(CAMPAIGNS, version=CAMPAIGNS.version + 1), id="of another version"),
    ],
)
def test_only_a_view_the_kernel_was_opened_with_can_be_asked(kernel: Kernel, view: Any) -> None:
    """The sentence says how."""
    with pytest.raises(MisuseError) as caught:
        kernel.view(view)
    assert str(caught.value) == (
        f"This kernel folds no view {view.name!r}; open it with open_kernel(..., views=[...])."
    )


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda kernel: kernel.handle(CreateCampaign("Spring launch")), id="handle"),
        pytest.param(lambda kernel: kernel.view(LEADS).find(), id="find"),
        pytest.param(lambda kernel: kernel.view(LEADS).count(), id="count"),
        pytest.param(lambda kernel: kernel.view(CAMPAIGNS).get(UUID(int=1)), id="get"),
        pytest.param(lambda kernel: kernel.history(UUID(int=1)), id="history"),
        pytest.param(lambda kernel: kernel.readiness(UUID(int=1)), id="readiness"),
        pytest.param(lambda kernel: kernel.lead_values([]), id="lead values"),
        pytest.param(lambda kernel: kernel.verify(), id="verify"),
        pytest.param(lambda kernel: kernel.rebuild(), id="rebuild"),
    ],
)
def test_a_closed_kernel_answers_nothing(location: str, use: Callable[[Kernel], object]) -> None:
    """It says that it is closed."""
    with open_kernel(location, clock=lambda: AT) as kernel:
        kernel.handle(CreateCampaign("Spring launch"))
    with pytest.raises(MisuseError, match="closed"):
        use(kernel)


def test_closing_twice_is_harmless(location: str) -> None:
    """By hand inside the block, and by leaving it."""
    with open_kernel(location, clock=lambda: AT) as kernel:
        kernel.close()
    kernel.close()


@pytest.mark.parametrize(
    "given", [None, "PauseCampaign", UUID(int=1), CreateCampaign], ids=lambda each: type(each).__name__
)
def test_what_is_no_command_is_refused(kernel: Kernel, given: Any) -> None:
    """A class of a command is none."""
    with pytest.raises(MisuseError, match=f"{type(given).__name__} is no command of this kernel"):
        kernel.handle(given)


def test_a_location_that_no_store_serves_is_refused() -> None:
    """The sentence names the stores there are."""
    with pytest.raises(MisuseError, match=r"No store serves 'cassandra' locations; installed are: memory, sqlite"):
        open_kernel("cassandra://localhost/campaigns")


def test_ids_come_from_where_the_kernel_was_told(location: str) -> None:
    """Deterministic ids make a deterministic log."""
    numbers = iter(range(1, 100))
    with open_kernel(location, clock=lambda: AT, ids=lambda: UUID(int=next(numbers))) as kernel:
        created = kernel.handle(CreateCampaign("Spring launch"))
        (event,) = kernel.history(created.id)
        assert {created.id.int, event.event.seed} <= set(range(1, 10))
        own = kernel.handle(CreateCampaign("Spring launch", campaign_id=UUID(int=500), seed=7))
        assert own.id == UUID(int=500)
        assert kernel.history(own.id)[0].event.seed == 7
