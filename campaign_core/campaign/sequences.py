"""Follow-ups: what is sent when, after the first mail. Source: reference section 9.

The chain is linear: step 1 is the first mail, follow-ups are steps 2, 3, 4 without a gap. A campaign that was never
launched has them replaced as a whole; a paused one has them edited one by one, so that leads under way keep theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from uuid import UUID

import attrs
from attrs import field, frozen

from campaign_core.campaign import limits
from campaign_core.campaign.variants import FollowUpVariant, Split, set_problems, total_percent
from campaign_core.checks import UNSET, Unset, choice, flag, identity, several, whole


class TriggerType(StrEnum):
    """The condition under which a follow-up goes out, over all mails of the campaign before it."""

    #: None was opened.
    NOT_OPENED = "NOT_OPENED"
    #: None was answered, whether opened or not.
    NOT_REPLIED = "NOT_REPLIED"
    #: At least one was opened, none answered.
    OPENED_BUT_NOT_REPLIED = "OPENED_BUT_NOT_REPLIED"


#: The number of the first follow-up; step 1 is the first mail.
FIRST_STEP = limits.STEP_NUMBERS[0]
STEP_NUMBER = whole(*limits.STEP_NUMBERS)
WAIT_DAYS = whole(*limits.WAIT_DAYS)
VARIANTS = several(FollowUpVariant, 1, limits.VARIANTS, "variants")


@frozen(kw_only=True)
class Step:
    """A follow-up without its text: what the log keeps in the event."""

    #: Stays the same over edits.
    sequence_id: UUID
    #: 2 to 4.
    step_number: int
    trigger_type: TriggerType
    #: Days of 24 hours after the mail before it was sent, 1 to 30.
    wait_days: int
    #: Whether its mails carry an unsubscribe link; None: as the campaign's setting says.
    enable_unsubscribe: bool | None = None
    variants: tuple[Split, ...]


@frozen(kw_only=True)
class FollowUp:
    """A follow-up, with its text."""

    step_number: int = field(metadata=STEP_NUMBER)
    trigger_type: TriggerType = field(metadata=choice(TriggerType))
    wait_days: int = field(metadata=WAIT_DAYS)
    enable_unsubscribe: bool | None = field(default=None, metadata=flag(optional=True))
    variants: tuple[FollowUpVariant, ...] = field(metadata=VARIANTS)
    #: The id to give it; the kernel makes one if None.
    sequence_id: UUID | None = field(default=None, metadata=identity(optional=True))

    def disagreements(self) -> Iterator[tuple[str, str]]:
        """What the fields disagree on: field name and sentence."""
        yield from _variants_disagree(self.variants)

    @property
    def step(self) -> Step:
        """The follow-up without its text."""
        assert self.sequence_id is not None, "the kernel gives an id"
        return Step(
            sequence_id=self.sequence_id,
            step_number=self.step_number,
            trigger_type=self.trigger_type,
            wait_days=self.wait_days,
            enable_unsubscribe=self.enable_unsubscribe,
            variants=tuple(variant.split for variant in self.variants),
        )


class EditAction(StrEnum):
    """What an edit does to the chain."""

    #: Puts a new follow-up in at `step_number`; those from there on move one step back.
    ADD = "add"
    #: Changes what is given of one follow-up.
    EDIT = "edit"
    #: Takes one follow-up out; those behind it move one step forward.
    DELETE = "delete"


@frozen(kw_only=True)
class SequenceEdit:
    """One edit of the follow-ups of a paused campaign."""

    action: EditAction = field(metadata=choice(EditAction))
    #: Which one to edit or delete; for an addition the id to give it, made by the kernel if None.
    sequence_id: UUID | None = field(default=None, metadata=identity(optional=True))
    #: Where to add it.
    step_number: int | None = field(default=None, metadata=whole(*limits.STEP_NUMBERS, optional=True))
    trigger_type: TriggerType | None = field(default=None, metadata=choice(TriggerType, optional=True))
    wait_days: int | None = field(default=None, metadata=whole(*limits.WAIT_DAYS, optional=True))
    #: UNSET: as it is; None: as the campaign's setting says.
    enable_unsubscribe: bool | Unset | None = field(default=UNSET, metadata=flag(optional=True))
    #: Required to add; to edit, None leaves them as they are.
    variants: tuple[FollowUpVariant, ...] | None = field(
        default=None, metadata=several(FollowUpVariant, 1, limits.VARIANTS, "variants", optional=True)
    )

    def disagreements(self) -> Iterator[tuple[str, str]]:
        """What the fields disagree on: field name and sentence."""
        if self.action is EditAction.ADD:
            for name in ("step_number", "trigger_type", "wait_days", "variants"):
                if getattr(self, name) is None:
                    yield name, "is required to add a follow-up"
        else:
            if self.sequence_id is None:
                yield "sequence_id", f"is required to {self.action.value} a follow-up"
            if self.step_number is not None:
                yield "step_number", f"says where to add a follow-up; to {self.action.value} one it means nothing"
        if self.action is EditAction.DELETE and self.given():
            yield self.given()[0], "means nothing when a follow-up is deleted"
        if self.variants is not None:
            yield from _variants_disagree(self.variants)

    def given(self) -> list[str]:
        """Names of the fields that change something about a follow-up."""
        names = [name for name in ("trigger_type", "wait_days", "variants") if getattr(self, name) is not None]
        return names if self.enable_unsubscribe is UNSET else [*names, "enable_unsubscribe"]

    def applied_to(self, step: Step) -> Step:
        """The follow-up with what is given replaced."""
        return attrs.evolve(
            step,
            trigger_type=self.trigger_type or step.trigger_type,
            wait_days=self.wait_days or step.wait_days,
            enable_unsubscribe=(
                step.enable_unsubscribe if isinstance(self.enable_unsubscribe, Unset) else self.enable_unsubscribe
            ),
            variants=step.variants if self.variants is None else tuple(each.split for each in self.variants),
        )

    @property
    def follow_up(self) -> FollowUp:
        """What an addition adds."""
        assert self.step_number is not None
        assert self.trigger_type is not None
        assert self.wait_days is not None
        assert self.variants is not None
        return FollowUp(
            sequence_id=self.sequence_id,
            step_number=self.step_number,
            trigger_type=self.trigger_type,
            wait_days=self.wait_days,
            enable_unsubscribe=None if isinstance(self.enable_unsubscribe, Unset) else self.enable_unsubscribe,
            variants=self.variants,
        )


def chain_problem(steps: Sequence[Step | FollowUp]) -> str | None:
    """What a whole chain gets wrong: too many, an id twice, a gap, too long a wait. None where it is right."""
    if len(steps) > limits.SEQUENCES:
        return f"a campaign has at most {limits.SEQUENCES} follow-ups; these are {len(steps)}"
    ids = Counter(step.sequence_id for step in steps if step.sequence_id is not None)
    twice = [str(each) for each, count in ids.items() if count > 1]
    if twice:
        return f"each follow-up needs an id of its own; given more than once: {', '.join(twice)}"
    numbers = sorted(step.step_number for step in steps)
    if numbers != list(range(FIRST_STEP, len(steps) + FIRST_STEP)):
        return f"follow-ups are steps 2, 3, 4 without a gap; these are {', '.join(map(str, numbers))}"
    days = sum(step.wait_days for step in steps)
    if days > limits.TOTAL_WAIT_DAYS:
        return f"all waits together are at most {limits.TOTAL_WAIT_DAYS} days; these are {days}"
    return None


def renumbered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same follow-ups as steps 2, 3, 4 in the order given."""
    return tuple(attrs.evolve(step, step_number=number) for number, step in enumerate(steps, FIRST_STEP))


def _variants_disagree(variants: Sequence[FollowUpVariant]) -> Iterator[tuple[str, str]]:
    for sentence in set_problems(variants):
        yield "variants", sentence
    total = total_percent(variants)
    if total < limits.SHARES_PERCENT:
        yield (
            "variants",
            f"the shares must add up to exactly {limits.SHARES_PERCENT} percent; these add up to {total}",
        )
