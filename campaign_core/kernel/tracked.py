"""Which mail does a token stand for that somebody brings us? And how long has it been with its reader?"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import field, frozen

from campaign_core.kernel.registers import tracking_keys
from campaign_core.kernel.warm import Loaded
from campaign_core.lead.decisions import LEAD_DECIDER
from campaign_core.lead.events import stream_of as lead_stream
from campaign_core.lead.identity import lead_id_of
from campaign_core.lead.lifecycle import LEAD
from campaign_core.lead.state import LeadState
from campaign_core.log.transaction import Reading
from campaign_core.sending.tracking import Purpose, Signed, hint_in, hint_of, read_token

Load = Callable[[Reading, str, str, Any], Loaded]


@frozen(kw_only=True)
class Tracked:
    """The mail that a token stands for, and what the token is good for."""

    purpose: Purpose
    workspace: str
    campaign_id: UUID
    #: The lead's public id.
    lead_id: UUID
    #: The version of the claim in the lead's stream.
    claim: int
    #: Place of the link in the mail, from 1; None unless it is one.
    link: int | None
    #: Where that link leads: an http or https URL in ASCII.
    target: str | None = field(repr=False)
    #: How long ago a server took the mail, by the kernel's clock; nothing while a worker is at it; None: nobody knows.
    age: timedelta | None


def tracked(snapshot: Reading, token: str, load: Load, at: datetime) -> Tracked | None:
    """The mail a token stands for; None where no workspace of the log signed it. `at` is now."""
    hint = hint_in(token)
    if hint is None:
        return None
    for workspace, key in tracking_keys(snapshot.tables):
        signed = read_token(token, key) if hmac.compare_digest(hint, hint_of(key)) else None
        if signed is not None:
            stream = lead_stream(signed.campaign_id, signed.number)
            state = load(snapshot, workspace, stream, LEAD_DECIDER).state
            return _of(workspace, signed, _age(state, signed.claim, at))
    return None


def _of(workspace: str, signed: Signed, age: timedelta | None) -> Tracked:
    return Tracked(
        purpose=signed.purpose,
        workspace=workspace,
        campaign_id=signed.campaign_id,
        lead_id=lead_id_of(signed.campaign_id, signed.number),
        claim=signed.claim,
        link=signed.link,
        target=signed.target,
        age=age,
    )


def _age(state: LeadState, claim: int, at: datetime) -> timedelta | None:
    if state.claim_version == claim and LEAD.knows("lose", state.walk):
        return timedelta(0)
    return next((at - mail.at for mail in state.sent if mail.claim == claim), None)
