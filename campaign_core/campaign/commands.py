"""What a campaign can be told. Commands are values: building one checks nothing; the kernel checks it when it is handled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from attrs import field, frozen

from campaign_core.campaign import limits
from campaign_core.campaign.events import PauseReason, Source
from campaign_core.campaign.sequences import FollowUp, SequenceEdit, chain_problem
from campaign_core.campaign.settings import Settings, SettingsChange
from campaign_core.campaign.variants import Variant, set_problems
from campaign_core.checks import choice, encodable, flag, identity, ruled, several, whole
from campaign_core.intake.columns import mapping_rule
from campaign_core.recorded import Content


@frozen(kw_only=True)
class CreateCampaign(Settings):
    """Starts a campaign as a DRAFT. Every setting may be given; the rest take their defaults.

    Raises when handled: AlreadyExists, StartTooFarAhead.
    """

    #: The id to give it; the kernel makes one if None.
    campaign_id: UUID | None = field(default=None, metadata=identity(optional=True))
    #: The seed of its allocation, 0 to 2**63 - 1; the kernel makes one if None.
    seed: int | None = field(default=None, metadata=whole(0, 2**63 - 1, optional=True))

    @property
    def settings(self) -> Settings:
        """The settings alone, the start date as an instant."""
        return Settings(**{name: getattr(self, name) for name in _SETTINGS}).resolved()


_SETTINGS = tuple(attribute.name for attribute in Settings.__attrs_attrs__)


@frozen(kw_only=True)
class UpdateCampaign(SettingsChange):
    """Changes any mix of things, then launches or resumes if asked to: saved first, then checked, all in one transaction.

    Where something is missing or at fault the changes are kept all the same, and the outcome says what it is.

    Raises when handled: UnknownCampaign, IllegalTransition, UnusableInboxes, UnbalancedSplit, TooManyVariants,
    StartTooFarAhead, UnknownFollowUp, UnfitSequences.
    """

    campaign_id: UUID = field(metadata=identity(), kw_only=False)
    #: The inboxes to send from, at least one; None: as they are.
    inbox_ids: tuple[UUID, ...] | None = field(
        default=None, metadata=several(UUID, 1, None, "inbox ids", optional=True)
    )
    #: Variants of the first mail, 1 to 4; replaces all in DRAFT and FAILED, merges by name in PAUSED; None: as they are.
    variants: tuple[Variant, ...] | None = field(
        default=None, metadata=several(Variant, 1, limits.VARIANTS, "variants", optional=True)
    )
    #: All follow-ups, at most 3, to replace those of a campaign in DRAFT or FAILED; None: as they are.
    sequences: tuple[FollowUp, ...] | None = field(
        default=None, metadata=several(FollowUp, 0, limits.SEQUENCES, "follow-ups", optional=True)
    )
    #: Edits of single follow-ups of a PAUSED campaign, carried out in order; None: as they are.
    sequence_edits: tuple[SequenceEdit, ...] | None = field(
        default=None, metadata=several(SequenceEdit, 1, 100, "edits", optional=True)
    )
    #: Field name to header, for uploads that bring no mapping of their own; None: as it is.
    lead_mapping: Mapping[str, str] | None = field(default=None, metadata=ruled(mapping_rule, optional=True))
    #: Whether to start sending: a launch from DRAFT and FAILED, a resume from PAUSED.
    launch: bool = field(default=False, metadata=flag())

    def disagreements(self) -> Iterator[tuple[str, str]]:
        """What the fields disagree on: field name and sentence."""
        if self.variants is not None:
            for sentence in set_problems(self.variants):
                yield "variants", sentence
        if self.sequences is not None and self.sequence_edits is not None:
            yield "sequence_edits", "cannot come together with sequences: replace them all or edit single ones"
        if self.sequences is not None:
            wrong = chain_problem(self.sequences)
            if wrong is not None:
                yield "sequences", wrong


class DuplicateAction(StrEnum):
    """What becomes of a row whose address is a lead of the campaign already."""

    #: The lead stays as it is.
    SKIP = "skip"
    #: The lead takes over every cell that is not blank and keeps its other values.
    UPDATE = "update"
    #: The lead takes over the row and nothing else.
    REPLACE = "replace"


def _rows(value: Any) -> str | None:
    """Private content is stored as it comes, so every cell must be text that can be written."""
    if not hasattr(value, "pick"):
        return "must be private content, such as Rows"
    for row in value:
        cells = [*row, *row.values()] if isinstance(row, Mapping) else [None]
        if any(not isinstance(cell, str) or not encodable(cell) for cell in cells):
            return "must hold rows of text by field name"
    return None


def _counts(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "must be counts by reason"
    right = all(isinstance(reason, str) and type(count) is int and count >= 0 for reason, count in value.items())
    return None if right else "must be counts by reason, each at least 0"


@frozen
class AddLeads:
    """Adds leads whose addresses were checked: what an uploaded file becomes once it is read.

    Raises when handled: UnknownCampaign, IllegalTransition; AlreadyExists for a lead added by hand.
    """

    campaign_id: UUID = field(metadata=identity())
    batch_id: UUID = field(kw_only=True, metadata=identity())
    source: Source = field(kw_only=True, metadata=choice(Source))
    #: One address for each row of `content`, in lower case, each once.
    addresses: tuple[str, ...] = field(kw_only=True, repr=False, metadata=several(str, 0, None, "addresses"))
    #: The values of the leads, `email` among them.
    content: Content = field(kw_only=True, repr=False, metadata=ruled(_rows))
    duplicate_action: DuplicateAction = field(
        kw_only=True, default=DuplicateAction.SKIP, metadata=choice(DuplicateAction)
    )
    #: Whether every lead that was never contacted is removed first.
    delete_existing: bool = field(kw_only=True, default=False, metadata=flag())
    #: Rows that repeated an address of the same file.
    duplicates: int = field(kw_only=True, default=0, metadata=whole(0, 2**63 - 1))
    #: Rows left out, by reason.
    skipped: Mapping[str, int] = field(kw_only=True, factory=dict, metadata=ruled(_counts))
    #: Names of the columns, in order.
    fields: tuple[str, ...] = field(kw_only=True, default=(), metadata=several(str, 0, None, "column names"))

    def disagreements(self) -> Iterator[tuple[str, str]]:
        """What the fields disagree on: field name and sentence."""
        if len(set(self.addresses)) != len(self.addresses):
            yield "addresses", "each address must be there once"
        if tuple(row.get("email", "").lower() for row in self.content) != self.addresses:
            yield "addresses", "must be the `email` of each row of the content, in lower case and in the same order"


@frozen
class RemoveLeads:
    """Takes leads out that were never contacted. Others, and ids that are no lead's, are left and counted.

    Raises when handled: UnknownCampaign, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    #: Public ids, 1 to 10,000.
    lead_ids: tuple[UUID, ...] = field(metadata=several(UUID, 1, 10_000, "lead ids"))


@frozen
class ActivateCampaign:
    """Starts a draft or goes on with a paused campaign. An ACTIVE campaign stays as it is.

    Raises when handled: UnknownCampaign, IllegalTransition, NotLaunchReady; PreflightFailed on a paused campaign.
    """

    campaign_id: UUID = field(metadata=identity())


@frozen
class PauseCampaign:
    """Stops sending for now. A PAUSED campaign stays as it is.

    Raises when handled: UnknownCampaign, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())
    #: Why; the kernel gives the others itself.
    reason: PauseReason = field(default=PauseReason.REQUESTED, kw_only=True, metadata=choice(PauseReason))


@frozen
class CompleteCampaign:
    """Ends a campaign all of whose leads have reached an end.

    Raises when handled: UnknownCampaign, IllegalTransition, LeadsStillOpen.
    """

    campaign_id: UUID = field(metadata=identity())


@frozen
class ArchiveCampaign:
    """Makes a paused or completed campaign view-only, one way. An ARCHIVED campaign stays as it is.

    Raises when handled: UnknownCampaign, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())


@frozen
class DeleteCampaign:
    """Erases a draft, paused or archived campaign for good: leads, content, payloads.

    Raises when handled: UnknownCampaign, IllegalTransition.
    """

    campaign_id: UUID = field(metadata=identity())


CampaignCommand = (
    CreateCampaign
    | UpdateCampaign
    | AddLeads
    | RemoveLeads
    | ActivateCampaign
    | PauseCampaign
    | CompleteCampaign
    | ArchiveCampaign
    | DeleteCampaign
)
