"""What a campaign sends: variants of the first mail, follow-ups, and what is wrong with their texts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.properties.model.texts import gaps, readings, troubles
from tests.properties.model.values import Campaign, FollowUp, Inbox, Refused

WAITS_ON_OPENS = ("NOT_OPENED", "OPENED_BUT_NOT_REPLIED")


def variants_after(campaign: Campaign, given: list[dict[str, Any]] | None) -> dict[str, dict[str, Any]]:
    """A draft's are replaced, a paused campaign's merged by name."""
    if given is None:
        return campaign.variants
    saved = dict(campaign.variants) if campaign.status == "PAUSED" else {}
    saved |= by_name(given)
    if len(saved) > 4:
        raise Refused("TooManyVariants", count=len(saved))
    total = sum(each["distribution_percent"] for each in saved.values())
    if total != 100:
        raise Refused("UnbalancedSplit", total=total)
    return saved


def by_name(given: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["variant_name"].upper(): each for each in given}


def follow_ups_after(campaign: Campaign, asked: dict[str, Any]) -> tuple[list[FollowUp], bool]:
    """The follow-ups after an update, and whether that is an event: a draft's are replaced, a paused campaign's edited."""
    before, status = campaign.follow_ups, campaign.status
    if asked.get("sequences") is not None:
        if status == "PAUSED":
            raise Refused("IllegalTransition", subject="campaign", status=status, trigger="replace_sequences")
        in_order = sorted(asked["sequences"], key=lambda each: each["step_number"])
        return [_made(each) for each in in_order], bool(in_order or before)
    if asked.get("sequence_edits") is None:
        return before, False
    if status != "PAUSED":
        raise Refused("IllegalTransition", subject="campaign", status=status, trigger="edit_sequences")
    return _edited(before, asked["sequence_edits"])


def _made(given: dict[str, Any]) -> FollowUp:
    return FollowUp(
        given.get("sequence_id"),
        given["trigger_type"],
        given["wait_days"],
        given.get("enable_unsubscribe"),
        by_name(given["variants"]),
    )


def _edited(before: list[FollowUp], edits: list[dict[str, Any]]) -> tuple[list[FollowUp], bool]:
    after = list(before)
    rewritten: list[UUID | None] = []
    for edit in edits:
        if edit["action"] == "add":
            if edit["step_number"] - 2 > len(after):
                raise Refused("UnfitSequences")
            after.insert(edit["step_number"] - 2, _made(edit))
            rewritten.append(edit.get("sequence_id"))
            continue
        places = [place for place, each in enumerate(after) if each.sequence_id == edit["sequence_id"]]
        if not places:
            raise Refused("UnknownFollowUp", given=edit["sequence_id"])
        if edit["action"] == "delete":
            del after[places[0]]
            continue
        after[places[0]] = _changed(after[places[0]], edit)
        if edit.get("variants") is not None:
            rewritten.append(edit["sequence_id"])
    ids = [each.sequence_id for each in after]
    named = [each for each in ids if each is not None]
    days = sum(each.wait_days for each in after)
    if len(after) > 3 or days > 45 or len(set(named)) < len(named):
        raise Refused("UnfitSequences")
    changed = [each.skeleton for each in after] != [each.skeleton for each in before]
    return after, changed or any(each in ids for each in rewritten)


def _changed(before: FollowUp, edit: dict[str, Any]) -> FollowUp:
    given = edit.get("variants")
    return FollowUp(
        before.sequence_id,
        edit.get("trigger_type") or before.trigger_type,
        edit.get("wait_days") or before.wait_days,
        edit.get("enable_unsubscribe", before.enable_unsubscribe),
        before.variants if given is None else by_name(given),
    )


def texts(campaign: Campaign) -> list[dict[str, Any]]:
    """Every mail there is, step by step."""
    return [*campaign.variants.values(), *(mail for each in campaign.follow_ups for mail in each.variants.values())]


def faults(campaign: Campaign, inboxes: dict[UUID, Inbox]) -> tuple[tuple[str, int], ...]:
    """Codes and counts of everything that keeps a campaign with every part from running."""
    usable = any(inboxes[each].status == "ACTIVE" for each in campaign.inbox_ids)
    found = [code for mail in texts(campaign) for values in campaign.leads.values() for code in troubles(mail, values)]
    counts = [(code, found.count(code)) for code in sorted(set(found))]
    return (*(() if usable else (("no_usable_inbox", len(campaign.inbox_ids)),)), *counts)


def reason_against(campaign: Campaign, values: dict[str, str]) -> str | None:
    """Why a campaign that is running would not take a lead; None where it would."""
    if campaign.status not in ("ACTIVE", "PAUSED"):
        return None
    return next((min(found) for mail in texts(campaign) if (found := troubles(mail, values))), None)


def brings_texts(asked: dict[str, Any]) -> bool:
    """Whether an update has any text in it."""
    parts = (*(asked.get("sequences") or ()), *(asked.get("sequence_edits") or ()))
    return bool(asked.get("variants") or any(each.get("variants") for each in parts))


def lacking(campaign: Campaign) -> tuple[str, ...]:
    """The warning that some lead lacks what a mail puts out."""
    wanted = {name for mail in texts(campaign) for each in _templates(mail) for name in gaps(each)}
    there = any(not values.get(name, "").strip() for values in campaign.leads.values() for name in wanted)
    return ("variable_lacking",) if there else ()


def read_as(campaign: Campaign) -> tuple[str, ...]:
    """Codes of how the texts are read, each once, in the order of the first of its kind."""
    found = [code for mail in texts(campaign) for each in _templates(mail) for code in readings(each)]
    return tuple(dict.fromkeys(found))


def _templates(mail: dict[str, Any]) -> list[str]:
    return [each for each in (mail["subject_template"], mail["email_content"]) if each is not None]


def warnings(campaign: Campaign, inboxes: dict[UUID, Inbox]) -> tuple[str, ...]:
    """Codes of everything that does not block but should be known."""
    settings = campaign.settings
    unusable = [each for each in campaign.inbox_ids if each not in inboxes or inboxes[each].status != "ACTIVE"]
    waits = any(each.trigger_type in WAITS_ON_OPENS for each in campaign.follow_ups)
    links = [settings["enable_unsubscribe"], *(each.enable_unsubscribe for each in campaign.follow_ups)]
    ramp = (settings["ramp_up_increment"], settings["ramp_up_max_limit"])
    there = {
        "inbox_unusable": bool(unusable),
        "tracking_off": waits and not settings["enable_tracking"],
        "no_unsubscribe": any(each is False for each in links),
        "no_postal_address": settings["postal_address"] is None,
        "ramp_up_incomplete": settings["ramp_up_enabled"] and None in ramp,
    }
    return tuple(code for code, found in there.items() if found)
