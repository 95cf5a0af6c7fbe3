"""How a lifecycle is written down and asked.

A lifecycle is a table of moves, fed to one `transitions.Machine`. The machine is the only authority on what is legal; it
has no models, callbacks, conditions or automatic transitions, and holds no state of ours. A row without a destination is
a right that moves nothing (editing while PAUSED, pausing twice).

Each trigger that moves has one landing status, declared apart from the rows. Folding a history uses the landing alone,
so taking a row out of the table never breaks a stream that was recorded while the row was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen
from transitions import Machine

from campaign_core.errors import IllegalTransition


@frozen
class Move:
    """One row of a lifecycle table."""

    trigger: str
    source: str
    #: The status after; None where the trigger is allowed and moves nothing.
    dest: str | None


def moves(trigger: str, *sources: str, to: str | None = None) -> tuple[Move, ...]:
    """The rows of one trigger; without `to` they are rights that move nothing."""
    return tuple(Move(trigger, source, to) for source in sources)


@frozen
class Lifecycle:
    """A table of moves behind a machine, and the words to refuse with."""

    #: What moves: `campaign`, `inbox`.
    subject: str
    table: tuple[Move, ...]
    #: Trigger to what could not be done, to follow "cannot": `be paused`.
    deeds: Mapping[str, str]
    machine: Machine

    @classmethod
    def of(cls, subject: str, statuses: Sequence[str], table: tuple[Move, ...], deeds: Mapping[str, str]) -> Lifecycle:
        """Builds the machine once, from the table."""
        rows = [{"trigger": move.trigger, "source": move.source, "dest": move.dest} for move in table]
        machine = Machine(
            model=None, states=list(statuses), initial=None, transitions=rows, auto_transitions=False, send_event=False
        )
        return cls(subject, table, deeds, machine)

    def knows(self, trigger: str, status: str) -> bool:
        """Whether the machine has a row for the trigger in this status."""
        return trigger in self.machine.events and bool(self.machine.get_transitions(trigger, status))

    def ask(self, trigger: str, status: str) -> str:
        """The status after the trigger; the same status where the row moves nothing.

        Raises:
            IllegalTransition: the machine has no row; the error lists the legal triggers.
        """
        rows = self.machine.get_transitions(trigger, status) if trigger in self.machine.events else ()
        if not rows:
            raise IllegalTransition(
                self.subject, trigger, status, self.legal(status), self.deeds.get(trigger, f"be asked to {trigger}")
            )
        dest = rows[0].dest
        return status if dest is None else str(dest)

    def legal(self, status: str) -> tuple[str, ...]:
        """Every trigger with a row in this status, in the order of the machine."""
        return tuple(self.machine.get_triggers(status))

    def diagram(self) -> str:
        """The machine as a Mermaid state diagram, drawn from the machine itself; rights that move nothing are left out."""
        lines = ["stateDiagram-v2", "  direction LR"]
        for trigger, event in self.machine.events.items():
            for source, transitions in event.transitions.items():
                lines += [f"  {source} --> {each.dest}: {trigger}" for each in transitions if each.dest is not None]
        return "\n".join(lines)
