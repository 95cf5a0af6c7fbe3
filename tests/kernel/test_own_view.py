"""A view of an embedder's own, beside the kernel's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from attrs import frozen

from campaign_core import (
    CAMPAIGNS,
    CreateCampaign,
    DeleteCampaign,
    Drop,
    MisuseError,
    PauseCampaign,
    Recorded,
    View,
    ViewFailed,
    open_kernel,
)
from campaign_core.recorded import Row
from tests.conftest import AT
from tests.kernel.given import active, draft


@frozen(kw_only=True)
class Activity:
    """How often something was recorded for a campaign, and by whom last."""

    workspace: str
    stream: str
    times: int
    last_actor: str


def _expand(recorded: Recorded, content: Sequence[Row | None]) -> Iterator[tuple[Any, ...] | Drop]:
    if recorded.name == "campaign.deleted":
        yield Drop((recorded.workspace, recorded.stream))
    elif recorded.name.startswith("campaign."):
        yield (recorded.workspace, recorded.stream), recorded


def _fold(row: Activity | None, recorded: Recorded) -> Activity:
    times = 0 if row is None else row.times
    return Activity(
        workspace=recorded.workspace, stream=recorded.stream, times=times + 1, last_actor=recorded.metadata.actor
    )


ACTIVITY: View[Activity] = View(
    name="activity", version=1, row=Activity, key=("workspace", "stream"), expand=_expand, fold=_fold
)


def stream(campaign_id: UUID) -> str:
    return f"campaign-{campaign_id}"


def test_it_is_folded_beside_the_kernels_own(location: str) -> None:
    """In the same transaction, readable at once, and dropped with the campaign."""
    with open_kernel(location, clock=lambda: AT, views=[ACTIVITY]) as kernel:
        one, other = active(kernel).campaign_id, draft(kernel, address="other@example.com").campaign_id
        kernel.handle(PauseCampaign(one), actor="anna")
        assert kernel.view(ACTIVITY).get(stream(one)) == Activity(
            workspace="default", stream=stream(one), times=6, last_actor="anna"
        )
        kernel.handle(DeleteCampaign(one))
        assert [row.stream for row in kernel.view(ACTIVITY).find()] == [stream(other)]


def test_it_is_rebuilt_with_the_others(location: str) -> None:
    """The same rows come out."""
    with open_kernel(location, clock=lambda: AT, views=[ACTIVITY]) as kernel:
        active(kernel)
        before = (kernel.view(ACTIVITY).find(), kernel.view(CAMPAIGNS).find())
        assert before[0][0].times == 5
        assert kernel.rebuild() == kernel.verify().events
        assert (kernel.view(ACTIVITY).find(), kernel.view(CAMPAIGNS).find()) == before


def test_it_is_filled_from_the_log_when_it_comes_later(tmp_path: Path) -> None:
    """A kernel that did not know it wrote the events; also when that happens again in between."""
    path = tmp_path / "campaigns.db"
    with open_kernel(path, clock=lambda: AT) as kernel:
        campaign_id = active(kernel).campaign_id
    with open_kernel(path, clock=lambda: AT, views=[ACTIVITY]) as kernel:
        assert [row.times for row in kernel.view(ACTIVITY).find()] == [5]
    with open_kernel(path, clock=lambda: AT) as kernel:
        kernel.handle(PauseCampaign(campaign_id))
    with open_kernel(path, clock=lambda: AT, views=[ACTIVITY]) as kernel:
        assert [row.times for row in kernel.view(ACTIVITY).find()] == [6]


def test_it_catches_up_with_another_kernel_that_does_not_know_it(tmp_path: Path) -> None:
    """Two kernels on one file, open at the same time: what the other appends is not missed."""
    path = tmp_path / "campaigns.db"
    with (
        open_kernel(path, clock=lambda: AT, views=[ACTIVITY]) as knowing,
        open_kernel(path, clock=lambda: AT) as unknowing,
    ):
        campaign_id = active(unknowing).campaign_id
        assert [row.times for row in knowing.view(ACTIVITY).find()] == [5]
        knowing.handle(PauseCampaign(campaign_id))
        assert [row.times for row in knowing.view(ACTIVITY).find()] == [6]


def test_another_version_of_it_is_folded_anew(tmp_path: Path) -> None:
    """Its rows came of another fold."""
    path = tmp_path / "campaigns.db"
    with open_kernel(path, clock=lambda: AT, views=[ACTIVITY]) as kernel:
        active(kernel)

    def twice(row: Activity | None, recorded: Recorded) -> Activity:
        folded = _fold(row, recorded)
        return attrs.evolve(folded, times=folded.times + 1)

    newer = attrs.evolve(ACTIVITY, version=2, fold=twice)
    with open_kernel(path, clock=lambda: AT, views=[newer]) as kernel:
        assert [row.times for row in kernel.view(newer).find()] == [10]


def test_one_that_fails_keeps_the_event_out(location: str) -> None:
    """Rows and log never disagree: the command is not carried out."""

    def refuse(row: Activity | None, recorded: Recorded) -> Activity:
        raise ZeroDivisionError

    broken = attrs.evolve(ACTIVITY, fold=refuse)
    with open_kernel(location, clock=lambda: AT, views=[broken]) as kernel:
        with pytest.raises(ViewFailed) as caught:
            kernel.handle(CreateCampaign("Spring launch"))
        assert caught.value.view == "activity"
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert kernel.verify().events == 0
        assert kernel.view(CAMPAIGNS).count() == 0


def test_a_name_is_used_once(location: str) -> None:
    """Neither twice among one's own nor that of a view of the kernel."""
    for views in ([ACTIVITY, ACTIVITY], [attrs.evolve(ACTIVITY, name="campaigns")]):
        with pytest.raises(MisuseError, match="Two views share a name"):
            open_kernel(location, clock=lambda: AT, views=views)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"name": "Activity"}, id="a name in capitals"),
        pytest.param({"name": "by-day"}, id="a name that is no identifier"),
        pytest.param({"key": ("stream",)}, id="a key without the workspace"),
        pytest.param({"key": ("workspace", "times")}, id="a key that is not the first fields"),
        pytest.param({"indexes": (("age",),)}, id="an index over no field"),
    ],
)
def test_one_that_could_not_be_kept_is_misuse(changes: dict[str, Any]) -> None:
    """Found when it is made, not when it is used."""
    with pytest.raises(MisuseError):
        attrs.evolve(ACTIVITY, **changes)
