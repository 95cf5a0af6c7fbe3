"""Commands that people, programs and mistakes might send, as strategies of hypothesis.

A command is a kind and plain fields, so that a model can read it without knowing the kernel's classes. Campaigns, inboxes
and leads are numbers here: places in a list of those made so far, or `NOBODY`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

import campaign_core
from campaign_core import DuplicateAction, FollowUp, FollowUpVariant, InboxType, SequenceEdit, Variant
from campaign_core.campaign.events import Source
from campaign_core.recorded import Rows
from tests.conftest import AT
from tests.properties.files import ADDRESSES, CELLS, MAPPINGS, hostile_uploads, usual_uploads
from tests.properties.mails import edits, sequences, variant_sets
from tests.properties.weights import any_of, mostly

#: An id that nothing has.
NOBODY = 9
#: Which campaign or inbox: mostly one of the first in the list, at times one that does not exist.
RECENT = st.sampled_from([0] * 9 + [1] * 6 + [2] * 3 + [3, NOBODY])

_NAMES = st.sampled_from(["Spring launch", "Summer launch", "SUMMER LAUNCH", "Größe zählt", "x" * 255])
_STARTS = st.sampled_from(
    [
        None,
        AT,
        datetime(2030, 3, 31, 2, 30),
        datetime(2031, 11, 2, 1, 30),
        datetime(2031, 12, 31, 20),
        datetime(2032, 1, 3, tzinfo=UTC),
        datetime(2040, 1, 1, tzinfo=UTC),
    ]
)
_SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "name": _NAMES,
    "timezone": st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Tokyo"]),
    "sending_days": st.lists(st.integers(1, 7), min_size=1, max_size=7).map(tuple),
    "sending_window_start": st.integers(0, 23),
    "sending_window_start_minute": st.integers(0, 59),
    "sending_window_end": st.integers(1, 24),
    "sending_window_end_minute": st.sampled_from([0, 0, 30]),
    "daily_limit_per_inbox": st.none() | st.integers(1, 100),
    "start_date": _STARTS,
    "enable_tracking": st.booleans(),
    "enable_unsubscribe": st.booleans(),
    "enable_click_tracking": st.booleans(),
    "ramp_up_enabled": st.booleans(),
    "ramp_up_increment": st.none() | st.integers(1, 100),
    "ramp_up_max_limit": st.none() | st.integers(1, 1000),
    "reply_to": st.sampled_from([None, "answers@firm.org", " Answers@FIRM.org "]),
    "postal_address": st.sampled_from([None, "1 High Street, Ulm", "x" * 500, " "]),
}
_BROKEN = st.sampled_from(
    [
        {"name": "seven c"},
        {"name": "x" * 256},
        {"name": None},
        {"timezone": None},
        {"enable_tracking": None},
        {"sending_window_end": None},
        {"daily_limit_per_inbox": 0},
        {"daily_limit_per_inbox": 101},
        {"sending_window_start": 24},
        {"sending_window_end": 0},
        {"sending_window_end": 25},
        {"sending_window_end": 24, "sending_window_end_minute": 1},
        {"sending_days": ()},
        {"sending_days": (0, 1)},
        {"sending_days": (8,)},
        {"ramp_up_max_limit": 1001},
        {"reply_to": "nobody"},
        {"postal_address": ""},
        {"postal_address": "x" * 501},
    ]
)


def settings() -> st.SearchStrategy[dict[str, Any]]:
    """A few settings, nearly always each of them valid; a window may still end before it starts."""
    few = st.lists(st.sampled_from(sorted(_SETTINGS)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: _SETTINGS[name] for name in names})
    )
    return mostly(few, _BROKEN, 12)


def updates() -> st.SearchStrategy[dict[str, Any]]:
    """The fields of an update: any mix, `inboxes` and the follow-ups to edit as recent numbers."""
    return st.builds(
        lambda changed, more: {**changed, **more},
        settings() | st.just({}),
        st.fixed_dictionaries(
            {},
            optional={
                "inboxes": st.lists(st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2, NOBODY]), max_size=3),
                "variants": variant_sets(),
                "sequences": st.none() | sequences(),
                "sequence_edits": st.none() | edits(),
                "lead_mapping": st.none() | st.none() | MAPPINGS,
                "launch": st.sampled_from([True, True, False]),
            },
        ),
    )


_VALUES = st.none() | CELLS
_FIELD_NAMES = st.sampled_from(["city", "City", "custom_city", " favourite  tea ", "=cmd", "Größe", "7", "sep=;"])
_CUSTOM = st.dictionaries(_FIELD_NAMES, _VALUES, max_size=3)
_WRONG_CUSTOM = st.sampled_from([{"email": "a@b.org"}, {"": "x"}, {"city": "a\0b"}, {"x" * 256: "x"}])
_BY_HAND = {
    "first_name": _VALUES,
    "last_name": _VALUES,
    "company": _VALUES,
    "custom_fields": mostly(_CUSTOM, _WRONG_CUSTOM, 8),
}


def _low_level_leads() -> st.SearchStrategy[dict[str, Any]]:
    """Leads that were checked already; once in a while the addresses are not those of the rows."""
    emails = st.lists(st.sampled_from(["ann@leads.org", "Bob@leads.org", "gil@leads.org"]), min_size=1, unique=True)
    rows = emails.flatmap(lambda found: st.tuples(*[st.fixed_dictionaries({"email": st.just(each)}) for each in found]))
    right = st.builds(lambda rows: {"rows": rows, "addresses": tuple(each["email"].lower() for each in rows)}, rows)
    return st.builds(
        lambda leads, how: {**leads, **how, "batch_id": UUID(int=7)},
        mostly(right, rows.map(lambda rows: {"rows": rows, "addresses": ("other@leads.org",)}), 8),
        st.fixed_dictionaries(
            {"source": st.sampled_from(Source)},
            optional={"duplicate_action": st.sampled_from(DuplicateAction), "delete_existing": st.booleans()},
        ),
    )


_NOTHING: st.SearchStrategy[dict[str, Any]] = st.just({})
#: Kind of command to its fields, apart from the campaign, inbox or lead it is about. Every kind there is.
FIELDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "CreateCampaign": settings().map(lambda given: {"name": "Spring launch", **given}),
    "UpdateCampaign": updates(),
    "ActivateCampaign": _NOTHING,
    "PauseCampaign": _NOTHING,
    "CompleteCampaign": _NOTHING,
    "ArchiveCampaign": _NOTHING,
    "DeleteCampaign": _NOTHING,
    "UploadLeads": any_of(usual_uploads(), hostile_uploads()),
    "AddLead": st.fixed_dictionaries(
        {"email": st.sampled_from([*ADDRESSES, "hal@leads.org", "ida@leads.org", "nobody"])}, optional=_BY_HAND
    ),
    "AddLeads": _low_level_leads(),
    "ReviseLead": st.fixed_dictionaries({"lead": st.sampled_from([0, 0, 1, 2, 5, NOBODY])}, optional=_BY_HAND),
    "RemoveLeads": st.fixed_dictionaries({"leads": st.lists(st.sampled_from([0, 0, 1, 2, 5, NOBODY]), max_size=3)}),
    "RegisterInbox": st.fixed_dictionaries(
        {
            # Some of them twice in another spelling, one of them none.
            "email_address": st.sampled_from(
                ["me@firm.org", "ME@Firm.org", " me@firm.org", "you@firm.org", "they@firm.org", "nobody"]
            )
        },
        optional={
            "display_name": st.sampled_from([None, "Me", "", "x" * 256]),
            "inbox_type": st.sampled_from(InboxType),
            "daily_limit": st.sampled_from([1, 100, 2_000, 5_000, 100_000, 100_001, 0]),
        },
    ),
    "VerifyInbox": _NOTHING,
    "PauseInbox": _NOTHING,
    "ResumeInbox": _NOTHING,
    "DisableInbox": _NOTHING,
    "RemoveInbox": _NOTHING,
}


def orders(*kinds: str) -> st.SearchStrategy[tuple[str, int, dict[str, Any]]]:
    """A kind out of these, which campaign or inbox it is about, and its other fields."""
    return any_of(*[st.tuples(st.just(kind), RECENT, FIELDS[kind]) for kind in kinds])


#: How much later the next command comes.
PAUSES = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(hours=7)])


def command(kind: str, asked: dict[str, Any]) -> Any:
    """The kernel's own command of a kind with these fields."""
    fields = dict(asked)
    if fields.get("variants") is not None:
        fields["variants"] = tuple(Variant(**each) for each in fields["variants"])
    for name, made in (("sequences", FollowUp), ("sequence_edits", SequenceEdit)):
        if fields.get(name) is not None:
            fields[name] = tuple(made(**_with_texts(each)) for each in fields[name])
    if kind == "AddLeads":
        fields["content"] = Rows(fields.pop("rows"))
    return getattr(campaign_core, kind)(**fields)


def _with_texts(given: dict[str, Any]) -> dict[str, Any]:
    if given.get("variants") is None:
        return given
    return {**given, "variants": tuple(FollowUpVariant(**each) for each in given["variants"])}
