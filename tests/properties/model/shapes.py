"""What is wrong with a command whatever the campaign or inbox is like, and settings that do not fit together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.properties.model.leads import LONGEST_CELL, STANDARD, field_name, is_address, normal
from tests.properties.model.texts import broken
from tests.properties.model.values import Refused

DEFAULTS: dict[str, Any] = {
    "timezone": "America/New_York",
    "sending_days": (1, 2, 3, 4, 5),
    "sending_window_start": 9,
    "sending_window_start_minute": 0,
    "sending_window_end": 17,
    "sending_window_end_minute": 0,
    "daily_limit_per_inbox": None,
    "start_date": None,
    "enable_tracking": False,
    "enable_unsubscribe": True,
    "enable_click_tracking": False,
    "ramp_up_enabled": False,
    "ramp_up_increment": None,
    "ramp_up_max_limit": None,
    "reply_to": None,
    "postal_address": None,
}
#: Those that have a None; no other setting can be cleared.
CLEARABLE = {name for name, value in DEFAULTS.items() if value is None}
#: Lowest and highest of each number.
RANGES = {
    "sending_window_start": (0, 23),
    "sending_window_start_minute": (0, 59),
    "sending_window_end": (1, 24),
    "sending_window_end_minute": (0, 59),
    "daily_limit_per_inbox": (1, 100),
    "ramp_up_increment": (1, 100),
    "ramp_up_max_limit": (1, 1000),
    "daily_limit": (1, 100_000),
    "wait_days": (1, 30),
    "step_number": (2, 4),
    "distribution_percent": (0, 100),
}
#: Fewest and most characters of each text.
LENGTHS = {
    "name": (8, 255),
    "postal_address": (1, 500),
    "display_name": (1, 255),
    "encoding": (1, 40),
    "subject_template": (1, 500),
    "email_content": (10, 100_000),
}
MOST_OF_TYPE = {"GOOGLE_WORKSPACE": 2_000, "OUTLOOK_365": 5_000}


def check_shape(kind: str, asked: dict[str, Any]) -> None:
    """Refuses a command that has the wrong shape."""
    wrong = [_out_of_bounds(asked), _cleared_for_nothing(asked)]
    wrong += [wrong_field(asked) for name, wrong_field in _OF_FIELD.items() if name in asked]
    wrong += [wrong_kind(asked) for wrong_kind in _OF_KIND.get(kind, ())]
    if any(wrong):
        raise Refused("InvalidMessage")
    if kind == "CreateCampaign":
        check_window({**DEFAULTS, **asked})


def _out_of_bounds(given: dict[str, Any]) -> bool:
    """Whether a number is too low or high, or a text too short or long."""
    numbers = any(
        given.get(name) is not None and not lowest <= given[name] <= highest
        for name, (lowest, highest) in RANGES.items()
    )
    texts = any(
        given.get(name) is not None and not fewest <= len(given[name]) <= most
        for name, (fewest, most) in LENGTHS.items()
    )
    return numbers or texts


def _cleared_for_nothing(asked: dict[str, Any]) -> bool:
    """Whether a setting that has no None is given one."""
    return any(asked.get(name, 0) is None for name in (*DEFAULTS, "name") if name not in CLEARABLE)


def _days(asked: dict[str, Any]) -> bool:
    days = asked["sending_days"]
    return days is not None and (not days or any(not 1 <= day <= 7 for day in days))


def _variants(given: list[dict[str, Any]], *, whole: bool) -> bool:
    """Whether a set of variants is wrong by itself; only those of follow-ups must be whole by themselves."""
    names = [each["variant_name"].upper() for each in given]
    total = sum(each["distribution_percent"] for each in given)
    if not 1 <= len(names) <= 4 or len(set(names)) < len(names) or total > 100 or (whole and total < 100):
        return True
    texts = [each[name] for each in given for name in ("subject_template", "email_content") if each[name] is not None]
    if any(map(broken, texts)):
        return True
    return any(_out_of_bounds(each) for each in given) or not all(name.isascii() and name.isalpha() for name in names)


def _sequences(asked: dict[str, Any]) -> bool:
    given = asked["sequences"]
    if given is None:
        return False
    if asked.get("sequence_edits") is not None or any(_out_of_bounds(each) for each in given):
        return True
    ids = [each["sequence_id"] for each in given if each.get("sequence_id") is not None]
    numbers = sorted(each["step_number"] for each in given)
    if len(given) > 3 or numbers != [2, 3, 4][: len(given)] or len(set(ids)) < len(ids):
        return True
    return sum(each["wait_days"] for each in given) > 45 or any(
        _variants(each["variants"], whole=True) for each in given
    )


def _edits(asked: dict[str, Any]) -> bool:
    given = asked["sequence_edits"]
    return given is not None and (not 1 <= len(given) <= 100 or any(map(_wrong_edit, given)))


def _wrong_edit(edit: dict[str, Any]) -> bool:
    if _out_of_bounds(edit) or (edit.get("variants") is not None and _variants(edit["variants"], whole=True)):
        return True
    if edit["action"] == "add":
        return any(edit.get(name) is None for name in ("step_number", "trigger_type", "wait_days", "variants"))
    changes = [edit.get(name) for name in ("trigger_type", "wait_days", "variants")]
    means_something = any(each is not None for each in changes) or "enable_unsubscribe" in edit
    if edit.get("sequence_id") is None or edit.get("step_number") is not None:
        return True
    return bool(edit["action"] == "delete" and means_something)


def _mapping(mapping: dict[str, str] | None) -> bool:
    if mapping is None:
        return False
    names = [field_name(name) for name in mapping]
    if "email" not in names or len(set(names)) < len(names) or not all(names) or len(names) > 1000:
        return True
    return any(len(each) > 255 for pair in mapping.items() for each in pair)


def _values(asked: dict[str, Any]) -> bool:
    """Whether values given by hand could not stand in a cell."""
    custom = asked.get("custom_fields", {})
    names = [field_name(name) for name in custom]
    if any(name in STANDARD or not 1 <= len(name) <= 255 for name in names) or len(set(names)) < len(names):
        return True
    cells = [*custom, *custom.values(), *(asked.get(name) for name in STANDARD[1:])]
    return any(cell is not None and (len(cell) > LONGEST_CELL or "\0" in cell) for cell in cells)


def _inbox(asked: dict[str, Any]) -> bool:
    most = MOST_OF_TYPE.get(asked.get("inbox_type", ""), 100_000)
    return not is_address(asked["email_address"]) or asked.get("daily_limit", 100) > most


#: What is asked wherever the field is given.
_OF_FIELD = {
    "sending_days": _days,
    "reply_to": lambda asked: asked["reply_to"] is not None and not is_address(asked["reply_to"]),
    "inbox_ids": lambda asked: asked["inbox_ids"] == (),
    "variants": lambda asked: asked["variants"] is not None and _variants(asked["variants"], whole=False),
    "sequences": _sequences,
    "sequence_edits": _edits,
    "lead_mapping": lambda asked: _mapping(asked["lead_mapping"]),
    "mapping": lambda asked: _mapping(asked["mapping"]),
    "delimiter": lambda asked: asked["delimiter"] is not None and asked["delimiter"] in ('"', "\n", "ab", ""),
    "lead_ids": lambda asked: not asked["lead_ids"],
    "addresses": lambda asked: list(asked["addresses"]) != [each["email"].lower() for each in asked["rows"]],
}
_OF_KIND = {
    "AddLead": (_values, lambda asked: not is_address(asked["email"])),
    "ReviseLead": (_values,),
    "AddLeads": (lambda asked: len({each["email"].lower() for each in asked["rows"]}) < len(asked["rows"]),),
    "RegisterInbox": (_inbox,),
}


def resolved(settings: dict[str, Any]) -> dict[str, Any]:
    """As settings are stored: days sorted and each once, addresses normal, start dates read in the campaign's zone."""
    start = settings["start_date"]
    if start is not None and start.tzinfo is None:
        start = start.replace(tzinfo=ZoneInfo(settings["timezone"]))
    return {
        **settings,
        "sending_days": tuple(sorted(set(settings["sending_days"]))),
        "start_date": None if start is None else start.astimezone(UTC),
        "reply_to": settings["reply_to"] and normal(settings["reply_to"]),
    }


def check_window(settings: dict[str, Any]) -> None:
    """Refuses a window that does not end after it starts, or ends after hour 24."""
    start = (settings["sending_window_start"], settings["sending_window_start_minute"])
    end = (settings["sending_window_end"], settings["sending_window_end_minute"])
    if end <= start or end > (24, 0):
        raise Refused("InvalidMessage")


def check_start(settings: dict[str, Any], at: datetime) -> None:
    """Refuses a start that lies more than two years ahead."""
    start = settings["start_date"]
    if start is not None and start > at.replace(year=at.year + 2):
        raise Refused("StartTooFarAhead")
