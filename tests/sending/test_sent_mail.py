"""Every mail that went comes out of the log again, byte for byte, whatever was changed since; and nothing once erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_core import (
    LEADS,
    ContentType,
    DeleteCampaign,
    DisableInbox,
    DuplicateAction,
    EditAction,
    FollowUpVariant,
    Kernel,
    PauseCampaign,
    RemoveInbox,
    ResolveUnknown,
    ReviseLead,
    SequenceEdit,
    UpdateCampaign,
    UploadLeads,
    Variant,
    open_kernel,
)
from campaign_core.kernel.kernel import VIEWS
from campaign_core.lead.identity import lead_id_of
from campaign_core.log.log import EventLog
from campaign_core.log.memory import MemoryStore
from campaign_core.log.sqlite import SqliteStore
from tests.sending.world import DAY, HOUR, NO_GAP, START, World, follow_up, message, said

ALWAYS_OPEN = {"sending_window_start": 0, "sending_window_end": 24, "sending_days": (1, 2, 3, 4, 5, 6, 7)}
#: Something of everything a mail can hang on: the lead, its number, the step, the moment, the zone.
BODY = (
    "{{Good day|Hello|Hi}} {{first_name|you}}, {{dn_day_name}} {{dn_time_of_day}}: "
    "{% if first_name %}yes{% else %}no{% endif %}."
)
MAILS = [
    Variant(
        variant_name="A", distribution_percent=40, subject_template="{{Hi|Hey}} {{first_name}}", email_content=BODY
    ),
    Variant(
        variant_name="B",
        distribution_percent=30,
        subject_template="Grüße am {{dn_day_name}} ☂",
        email_content=f"<p>{BODY}</p><p>Ümlaut & <a href='https://firm.org/?a=1&b={{{{first_name}}}}'>more</a></p>",
        content_type=ContentType.HTML,
    ),
    Variant(
        variant_name="C",
        distribution_percent=30,
        subject_template="Plain",
        email_content=f"<html><body>{BODY} <a href=http://firm.org>We</a></body></html>",
        content_type=ContentType.RAW_HTML,
    ),
]
STEPS = (
    follow_up(2, variants=(FollowUpVariant(email_content=f"Again: {BODY}"),)),
    follow_up(3, variants=(FollowUpVariant(subject_template="{{first_name|New}} thread", email_content=BODY),)),
    follow_up(4, variants=(FollowUpVariant(email_content=f"Last: {BODY}"),)),
)


def campaign_of(world: World, leads: int = 5) -> UUID:
    """A campaign with all kinds of mails, from two inboxes with names."""
    inboxes = [world.inbox(display_name=name) for name in ("Zoë from Firm", "Ben, Firm")]
    settings = {"timezone": "Europe/Berlin", "postal_address": "1 High Street", "reply_to": "answers@firm.org"}
    settings |= {"enable_tracking": True, "enable_click_tracking": True}
    return world.campaign(leads, inboxes, *STEPS, variants=MAILS, **settings, **ALWAYS_OPEN)


def out_of_the_log(kernel: Kernel, campaign_id: UUID) -> dict[tuple[str, str], bytes]:
    """The wire bytes of everything the log has as sent, by receiver and Message-ID."""
    found = {}
    for row in kernel.view(LEADS).find({"campaign_id": campaign_id}):
        for mail in kernel.sent_mails(campaign_id, row.lead_id):
            assert mail.outgoing is not None
            found[mail.outgoing.to, mail.outgoing.message_id] = mail.outgoing.wire
    return found


def went(world: World) -> dict[tuple[str, str], bytes]:
    """The wire bytes of everything the receivers have."""
    assert len({each.outgoing.message_id for each in world.went}) == len(world.went)
    return {(each.outgoing.to, each.outgoing.message_id): each.outgoing.wire for each in world.went}


def revise_leads(world: World, campaign_id: UUID) -> None:
    world.say(ReviseLead, campaign_id, 1, first_name="Somebody else")
    world.say(ReviseLead, campaign_id, 2, first_name=None)
    again = UploadLeads(
        campaign_id, b"email,first_name\nlead3@leads.org,Third\n", duplicate_action=DuplicateAction.REPLACE
    )
    world.kernel.handle(again)


def edit_texts(world: World, campaign_id: UUID) -> None:
    other = Variant(
        variant_name="A", distribution_percent=40, subject_template="Other", email_content="Other words now."
    )
    world.update(campaign_id, variants=(other,))


def edit_steps(world: World, campaign_id: UUID) -> None:
    words = (FollowUpVariant(email_content="Other words again."),)
    edits = [SequenceEdit(action=EditAction.EDIT, sequence_id=UUID(int=number), variants=words) for number in (3, 4)]
    world.update(campaign_id, sequence_edits=tuple(edits))


def delete_first_step(world: World, campaign_id: UUID) -> None:
    world.update(campaign_id, sequence_edits=(SequenceEdit(action=EditAction.DELETE, sequence_id=UUID(int=2)),))


def move_away(world: World, campaign_id: UUID) -> None:
    world.update(
        campaign_id, timezone="Asia/Tokyo", reply_to=None, postal_address="2 Low Street", enable_unsubscribe=False
    )


def stop_tracking(world: World, campaign_id: UUID) -> None:
    world.update(campaign_id, enable_tracking=False, enable_click_tracking=False)


def lose_an_inbox(world: World, campaign_id: UUID) -> None:
    """The first inbox is disabled and taken out of the campaign and of the workspace."""
    first = next(each.inbox_id for each in world.went)
    rest = {each.event.inbox_id for each in world.claims()} - {first}
    world.kernel.handle(DisableInbox(first))
    world.update(campaign_id, inbox_ids=tuple(rest))
    world.kernel.handle(RemoveInbox(first))


CHANGES: dict[str, Callable[[World, UUID], None]] = {
    each.__name__: each
    for each in (revise_leads, edit_texts, edit_steps, delete_first_step, move_away, stop_tracking, lose_an_inbox)
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_went_comes_out_byte_for_byte_after_a_change(world: World, change: str) -> None:
    """The change comes between the second and the third step; afterwards the campaign runs to its end."""
    campaign_id = campaign_of(world)
    world.run_until(START + DAY + 2 * HOUR)
    before = went(world)
    CHANGES[change](world, campaign_id)
    assert out_of_the_log(world.kernel, campaign_id) == before
    world.run()
    assert len(world.went) > len(before) > 5
    assert out_of_the_log(world.kernel, campaign_id) == went(world)


@settings(max_examples=settings.default.max_examples // 6)
@given(
    days=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(sorted(CHANGES))), max_size=3, unique_by=lambda x: x[1]),
    public_url=st.sampled_from([None, "https://mail.firm.org", "http://127.0.0.1:8000"]),
)
def test_what_went_comes_out_after_any_changes_at_any_time(days: list[tuple[int, str]], public_url: str | None) -> None:
    world = World("memory:", pacing=NO_GAP, public_url=public_url)
    campaign_id = campaign_of(world, leads=3)
    for wait, change in days:
        world.run_for(wait * DAY + HOUR)
        if world.status(campaign_id) == "ACTIVE":
            CHANGES[change](world, campaign_id)
    world.run()
    assert out_of_the_log(world.kernel, campaign_id) == went(world)


def test_what_went_comes_out_after_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "campaigns.db")
    world = World(SqliteStore(path, may_lose_last_commits=True))
    campaign_id = campaign_of(world)
    world.run()
    world.kernel.close()
    with open_kernel(path) as kernel:
        assert out_of_the_log(kernel, campaign_id) == went(world)


def test_a_mail_whose_outcome_is_unknown_comes_out_too_and_says_so(world: World) -> None:
    campaign_id = world.campaign(1, [world.inbox()], **ALWAYS_OPEN)
    (task,) = world.claim()
    world.wait_until(task.deadline)
    world.tick()
    (mail,) = world.kernel.sent_mails(campaign_id, task.lead_id)
    assert (mail.outgoing, mail.is_sure) == (task.outgoing, False)
    world.say(ResolveUnknown, campaign_id, 1, sent=False)
    assert world.kernel.sent_mails(campaign_id, task.lead_id) == []


def test_a_follow_up_without_a_subject_answers_all_mails_of_its_thread(world: World) -> None:
    """Steps 1 and 2 are one thread; 3 has a subject and begins one; 4 goes on with that."""
    world.campaign(1, [world.inbox()], *STEPS, variants=[Variant(**words())], **ALWAYS_OPEN)
    world.run()
    ids = [each.outgoing.message_id for each in world.went]
    found = [message(each) for each in world.went]
    assert [each["References"] for each in found] == [None, ids[0], None, ids[2]]
    assert [each["In-Reply-To"] for each in found] == [None, ids[0], None, ids[2]]
    assert [each["Subject"] for each in found] == ["Hello", "Re: Hello", "Name 1 thread", "Re: Name 1 thread"]
    assert [each["Message-ID"] for each in found] == ids


def test_a_thread_of_three_names_both_mails_before(world: World) -> None:
    world.campaign(1, [world.inbox()], follow_up(2), follow_up(3), **ALWAYS_OPEN)
    world.run()
    ids = [each.outgoing.message_id for each in world.went]
    last = message(world.went[2])
    assert (last["References"].split(), last["In-Reply-To"]) == (ids[:2], ids[1])
    assert said(world.went) == ["1", "2", "3"]


def words(**others: Any) -> dict[str, Any]:
    return {"subject_template": "Hello", "email_content": "Good morning to you.", **others}


def test_once_the_campaign_is_deleted_nothing_of_its_mails_comes_out(world: World) -> None:
    campaign_id = campaign_of(world)
    world.run_until(START + 2 * DAY)
    lead_ids = [lead_id_of(campaign_id, number) for number in range(1, 6)]
    assert all(world.kernel.sent_mails(campaign_id, each) for each in lead_ids)
    world.kernel.handle(PauseCampaign(campaign_id))
    world.kernel.handle(DeleteCampaign(campaign_id))
    left = [mail for each in lead_ids for mail in world.kernel.sent_mails(campaign_id, each)]
    assert len(left) == len(world.went)
    assert {mail.outgoing for mail in left} == {None}


def test_once_a_leads_values_are_erased_nothing_of_its_mails_comes_out_and_others_do() -> None:
    store = MemoryStore()
    world = World(store)
    campaign_id = world.campaign(2, [world.inbox()], follow_up(2), **ALWAYS_OPEN)
    world.run()
    row = world.lead(campaign_id, 1)
    with EventLog(store, VIEWS).write() as writing:
        writing.erase_row(row.position, row.place)
    erased, kept = (world.kernel.sent_mails(campaign_id, lead_id_of(campaign_id, each)) for each in (1, 2))
    assert [mail.outgoing for mail in erased] == [None, None]
    assert all(mail.outgoing is not None for mail in kept)
    assert world.kernel.verify().holds


def test_the_date_of_a_mail_is_that_of_its_claim(world: World) -> None:
    world.campaign(1, [world.inbox()], **ALWAYS_OPEN)
    (task,) = world.claim()
    world.wait_until(START + timedelta(minutes=4))
    world.transport.send(task.inbox_id, task.outgoing)
    assert message(world.went[0])["Date"] == "Mon, 07 Jan 2030 08:00:00 +0000"


def test_a_mail_tells_the_time_of_its_claim_in_the_campaigns_zone(world: World) -> None:
    """Eight in the morning in UTC is nine in the evening in Auckland."""
    mail = Variant(**words(email_content="{{dn_time_of_day}}, {{dn_day_name}}"))
    world.campaign(1, [world.inbox()], variants=[mail], timezone="Pacific/Auckland", **ALWAYS_OPEN)
    world.run()
    assert message(world.went[0]).get_payload().splitlines()[0] == "Good evening, Monday"


def test_a_mail_of_a_resumed_campaign_is_of_its_newest_version(world: World) -> None:
    campaign_id = world.campaign(2, [world.inbox()], **ALWAYS_OPEN)
    world.tick()
    world.kernel.handle(PauseCampaign(campaign_id))
    world.kernel.handle(
        UpdateCampaign(
            campaign_id,
            variants=(
                Variant(
                    **words(email_content="New words."),
                ),
            ),
            launch=True,
        )
    )
    world.run()
    assert [message(each).get_payload().splitlines()[0] for each in world.went] == [
        "Good morning, Name 1.",
        "New words.",
    ]
