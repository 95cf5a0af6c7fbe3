"""A view as an embedding program might have one: what each campaign's uploads brought, read from private content too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from attrs import frozen

from campaign_core import Drop, Recorded, View


@frozen(kw_only=True)
class Reach:
    """What a campaign's uploads brought."""

    workspace: str
    campaign_id: UUID
    uploads: int = 0
    #: Domains of the leads, sorted: a field that is kept as JSON.
    domains: tuple[str, ...] = ()
    newest: datetime
    launched_at: datetime | None = None


def _expand(recorded: Recorded, content: Sequence[Any]) -> Iterator[tuple[tuple[Any, ...], Any] | Drop]:
    if not recorded.stream.startswith("campaign-"):
        return
    key = (recorded.workspace, UUID(recorded.stream.removeprefix("campaign-")))
    if recorded.name == "campaign.deleted":
        yield Drop(key)
    elif recorded.event is not None:
        emails = [values["email"] for values in content if values is not None and "email" in values]
        yield key, (recorded, {email.rpartition("@")[2] for email in emails})


def _fold(row: Reach | None, part: Any) -> Reach:
    recorded, domains = part
    at = recorded.metadata.recorded_at
    row = row or Reach(workspace=recorded.workspace, campaign_id=UUID(recorded.stream[9:]), newest=at)
    return attrs.evolve(
        row,
        uploads=row.uploads + (recorded.name == "campaign.leads_uploaded"),
        domains=tuple(sorted({*row.domains, *domains})),
        newest=at,
        launched_at=at if recorded.name == "campaign.launched" else row.launched_at,
    )


OWN: View[Reach] = View(
    name="reach",
    version=1,
    row=Reach,
    key=("workspace", "campaign_id"),
    expand=_expand,
    fold=_fold,
    indexes=(("workspace", "newest"),),
)
