"""What the kernel needs of each kind of aggregate beside its decider: to find its stream, read facts, word the answer.

Everything that happens inside the write transaction for one command is in a class like this or in the aggregate's own
decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from campaign_core.decider import Decider
from campaign_core.kernel.preflight import Ahead
from campaign_core.log.transaction import Reading, Writing
from campaign_core.recorded import Proposed, Recorded


class Aggregate(Protocol):
    """One kind of aggregate, as the kernel runs it."""

    @property
    def decider(self) -> Decider[Any, Any, Any, Proposed, Recorded]:
        """Its three pure parts."""
        ...

    def id_of(self, command: Any) -> UUID:
        """The aggregate a command is about."""
        ...

    def stream_of(self, command: Any) -> str:
        """The name of the stream of the aggregate a command is about."""
        ...

    def look_ahead(self, snapshot: Reading, workspace: str, command: Any, state: Any, at: datetime) -> Ahead | None:
        """What takes too long for the write transaction and is seen on a snapshot before it; None where nothing does."""
        ...

    def facts(
        self, snapshot: Reading, workspace: str, command: Any, state: Any, at: datetime, ahead: Ahead | None
    ) -> Any:
        """What its decision needs to know beside its own stream."""
        ...

    def finish(self, writing: Writing, workspace: str, stream: str, recorded: Sequence[Recorded]) -> None:
        """What else belongs into the transaction once its events are recorded."""
        ...

    def answer(self, command: Any, state: Any, facts: Any, recorded: Sequence[Recorded]) -> dict[str, Any]:
        """What its outcome says beside id, version and events."""
        ...
