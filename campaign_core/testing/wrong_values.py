"""What each field of a command must not hold: values of another kind and just out of range, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from attrs import evolve

from campaign_core.campaign.sequences import EditAction, FollowUp, SequenceEdit, TriggerType
from campaign_core.campaign.variants import FollowUpVariant, Variant
from campaign_core.recorded import Rows

#: Field name to values that are each wrong for it, everything else being right.
WrongValues = Mapping[str, tuple[Any, ...]]
_NUMBERS: Any = {"email": 7}
_NO_TEXT: Final = (7, True, None, b"bytes", "\ud800" * 10)
_NO_FLAG: Final = (0, 1, "true", None)
_NO_ID: Final = ("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b", 7)
_NO_INSTANT: Final = ("2030-01-01T00:00:00Z", 7, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_VARIANT: Final = Variant(subject_template="Hello", email_content="Good morning.", distribution_percent=20)
_FOLLOW_UP: Final = FollowUp(
    step_number=2,
    trigger_type=TriggerType.NOT_REPLIED,
    wait_days=1,
    variants=(FollowUpVariant(email_content="Good evening."),),
)
_DELETION: Final = SequenceEdit(action=EditAction.DELETE, sequence_id=UUID(int=1))
#: Mappings that are none, name no address, name a field twice or name what no header could be.
_NO_MAPPING: Final[tuple[Any, ...]] = (
    [],
    "email",
    {},
    {"first_name": "Name"},
    {"email": 7},
    {"email": "E-Mail", "custom_email": "Mail"},
    {"email": "E-Mail", " ": "Mail"},
    {"email": "\ud800"},
    {"email": "x" * 256},
    {"email": "x", **{f"field {place}": "x" for place in range(1000)}},
)
#: Wrong values by field, for settings wherever they stand.
WRONG_SETTINGS: Final[WrongValues] = {
    "name": (*_NO_TEXT, "short", "x" * 256),
    "timezone": (*_NO_TEXT, "", "Mars/Olympus", "../UTC", "x" * 101),
    "sending_days": ((), (0,), (8,), (1, 8), "12345", (True,), None, tuple(range(1, 9))),
    "sending_window_start": (-1, 24, "9", 9.0, True, None),
    "sending_window_start_minute": (-1, 60, "0", None),
    "sending_window_end": (0, 25, "17", None),
    "sending_window_end_minute": (-1, 60, False, None),
    "daily_limit_per_inbox": (0, 101, "50", True),
    "start_date": _NO_INSTANT,
    "enable_tracking": _NO_FLAG,
    "enable_unsubscribe": _NO_FLAG,
    "enable_click_tracking": _NO_FLAG,
    "ramp_up_enabled": _NO_FLAG,
    "ramp_up_increment": (0, 101, "1"),
    "ramp_up_max_limit": (0, 1001, 1.5),
    "reply_to": (7, "", "ada", "ada@", "ada@exa mple.com", "ada@example.com, bob@example.com"),
    "postal_address": (7, "", "x" * 501, "\ud800"),
}
#: For `CreateCampaign`.
WRONG_CREATION: Final[WrongValues] = {**WRONG_SETTINGS, "campaign_id": _NO_ID, "seed": (-1, 2**63, True, "1")}
#: For `UpdateCampaign`.
WRONG_UPDATE: Final[WrongValues] = {
    **WRONG_SETTINGS,
    "campaign_id": (*_NO_ID, None),
    "inbox_ids": ((), [], ("no id",), "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"),
    "variants": ((), (_VARIANT, _VARIANT), (_VARIANT,) * 5, ("no variant",), (_VARIANT.split,)),
    "sequences": (
        [],
        ("no follow-up",),
        (_FOLLOW_UP, _FOLLOW_UP),
        (_FOLLOW_UP,) * 4,
        (evolve(_FOLLOW_UP, step_number=3),),
    ),
    "sequence_edits": ((), [], ("no edit",), (_FOLLOW_UP,), (_DELETION,) * 101),
    "lead_mapping": _NO_MAPPING,
    "launch": _NO_FLAG,
}
#: For `AddLeads`.
WRONG_LEADS: Final[WrongValues] = {
    "campaign_id": (*_NO_ID, None),
    "batch_id": (*_NO_ID, None),
    "source": ("file", None),
    "addresses": (None, "ada@example.com", (7,)),
    "content": (None, [], Rows((_NUMBERS,)), Rows(({"email": "\ud800"},))),
    "duplicates": (-1, "1", True),
    "skipped": (None, {"reason": -1}, {"reason": "1"}, {7: 1}),
    "fields": (None, "email", (7,)),
    "duplicate_action": ("skip", None),
    "delete_existing": _NO_FLAG,
}
#: For `UploadLeads`.
WRONG_UPLOAD: Final[WrongValues] = {
    "campaign_id": (*_NO_ID, None),
    "file": (None, 7, ["email"]),
    "mapping": _NO_MAPPING,
    "encoding": (7, "", "x" * 41, "\ud800"),
    "delimiter": (7, "", ",,", '"', "\n", "\r", "\0"),
    "duplicate_action": ("skip", None),
    "delete_existing": _NO_FLAG,
    "keeps_job": _NO_FLAG,
}
_NO_ADDRESS: Final = (*_NO_TEXT, "", "ada", "ada@", "ada@exa mple.com")
_NO_CELL: Final = (7, True, b"bytes", "x" * 32_768, "\ud800", "a\0b")
_NO_CUSTOM_FIELDS: Final[tuple[Any, ...]] = (
    None,
    [],
    {7: "x"},
    {"": "x"},
    {" ": "x"},
    {"custom_": "x"},
    {"x" * 256: "x"},
    {"ß" * 255: "x"},
    {"\ud800": "x"},
    {"a\0b": "x"},
    {"E Mail": None, "email": "x"},
    {"First Name": "x"},
    {"city": "x", " CITY": "y"},
    *({"city": wrong} for wrong in _NO_CELL),
)
#: For `AddLead`.
WRONG_LEAD: Final[WrongValues] = {
    "campaign_id": (*_NO_ID, None),
    "email": _NO_ADDRESS,
    "first_name": _NO_CELL,
    "last_name": _NO_CELL,
    "company": _NO_CELL,
    "custom_fields": _NO_CUSTOM_FIELDS,
}
#: For `ReviseLead`.
WRONG_REVISION: Final[WrongValues] = {
    "campaign_id": (*_NO_ID, None),
    "lead_id": (*_NO_ID, None),
    "first_name": _NO_CELL,
    "last_name": _NO_CELL,
    "company": _NO_CELL,
    "custom_fields": _NO_CUSTOM_FIELDS,
}
_NO_LEAD: Final[WrongValues] = {"campaign_id": (*_NO_ID, None), "lead_id": (*_NO_ID, None)}
_NO_CLAIM: Final[WrongValues] = {**_NO_LEAD, "claim": (0, -1, 2**63, True, "1", 1.0, None)}
_NO_MOMENT: Final = (*_NO_INSTANT, datetime(2030, 1, 1))
#: For `ReportAccepted`.
WRONG_ACCEPTANCE: Final[WrongValues] = {
    **_NO_CLAIM,
    "wire_digest": (None, 7, b"a" * 64, "", "a" * 63, "a" * 65, "A" * 64, "g" * 64, " " + "a" * 63),
    "at": _NO_MOMENT,
}
#: For `ReportDeferred`.
WRONG_DEFERRAL: Final[WrongValues] = {**_NO_CLAIM, "reply_code": (199, 600, "451", 451.0, True)}
#: For `ReportRejected`.
WRONG_REJECTION: Final[WrongValues] = {
    **_NO_CLAIM,
    "reply_code": (199, 600, "550", True, None),
    "about_address": _NO_FLAG,
}
#: For `ReleaseClaim`.
WRONG_RELEASE: Final[WrongValues] = {**_NO_CLAIM, "reason": ("paused", None)}
#: For `ResolveUnknown`.
WRONG_RESOLUTION: Final[WrongValues] = {**_NO_LEAD, "sent": _NO_FLAG}
#: For `RecordComplaint` and `RecordUnsubscribe`.
WRONG_ANSWER: Final[WrongValues] = {**_NO_LEAD, "at": _NO_MOMENT}
#: For `RecordOpen` and `RecordReply`.
WRONG_OPEN: Final[WrongValues] = {**WRONG_ANSWER, "by_machine": _NO_FLAG}
#: For `RecordClick`.
WRONG_CLICK: Final[WrongValues] = {**WRONG_OPEN, "link": (0, 10_001, True, "1", None)}
#: For `RecordBounce`.
WRONG_BOUNCE: Final[WrongValues] = {**WRONG_ANSWER, "hard": _NO_FLAG}
#: For `SuppressAddress`.
WRONG_SUPPRESSION: Final[WrongValues] = {"email": _NO_ADDRESS, "reason": ("requested", None)}
#: For `LiftSuppression`.
WRONG_LIFT: Final[WrongValues] = {"email": _NO_ADDRESS}
#: For `RemoveLeads`.
WRONG_REMOVAL: Final[WrongValues] = {
    "campaign_id": (*_NO_ID, None),
    "lead_ids": (None, (), [UUID(int=1)], ("no id",), (UUID(int=1),) * 10_001),
}
#: For `RegisterInbox`.
WRONG_REGISTRATION: Final[WrongValues] = {
    "email_address": (*_NO_TEXT, "", "ada", "ada@", "a@b", "ada@exa mple.com", f"{'x' * 250}@example.com"),
    "display_name": (7, True, "", "x" * 256),
    "inbox_type": ("CUSTOM_SMTP", None),
    "daily_limit": (0, -1, 100_001, "5", True, None),
    "inbox_id": _NO_ID,
}
#: For commands that name a campaign and nothing else.
WRONG_CAMPAIGN: Final[WrongValues] = {"campaign_id": (*_NO_ID, None)}
#: For `PauseCampaign`.
WRONG_PAUSE: Final[WrongValues] = {**WRONG_CAMPAIGN, "reason": ("requested", None)}
#: For commands that name an inbox and nothing else.
WRONG_INBOX: Final[WrongValues] = {"inbox_id": (*_NO_ID, None)}
