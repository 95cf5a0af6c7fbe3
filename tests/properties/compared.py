"""What the kernel says and shows, held to what the model says and holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from campaign_core import CAMPAIGNS, INBOXES, LEADS, CampaignError, CampaignRow, Kernel, Outcome
from campaign_core.campaign.variants import Split
from tests.properties.model import mails
from tests.properties.model.model import Model
from tests.properties.model.values import Answer, Campaign, Refused, shares_of


def shown(kernel: Kernel) -> list[list[Any]]:
    """Every row of every view, in the kernel's workspace."""
    return [kernel.view(view).find() for view in (CAMPAIGNS, LEADS, INBOXES)]


def assert_refused(answer: Outcome | CampaignError, expected: Refused) -> None:
    """The refusal is of that class and has those attributes."""
    assert type(answer).__name__ in expected.error.split(" or "), (answer, expected)
    assert {name: getattr(answer, name) for name in expected.attributes} == expected.attributes


def assert_answered(answer: Outcome, expected: Answer) -> None:
    """The outcome says what the model says."""
    assert (answer.status, answer.events, answer.version) == (expected.status, expected.events, expected.version)
    assert tuple((each.code, each.count) for each in answer.faults) == expected.faults
    assert tuple(each.code for each in answer.warnings) == expected.warnings
    if expected.missing is not None:
        assert answer.missing_requirements == expected.missing
        assert answer.is_launch_ready == (not expected.missing)
    assert (answer.removed, answer.kept, answer.unknown) == (expected.removed, expected.kept, expected.unknown)
    assert (answer.lead_id is not None) == expected.names_a_lead
    assert (answer.report is not None) == (expected.counts is not None)
    if answer.report is not None:
        report = answer.report
        assert report.balances
        counts = (report.rows, report.imported, report.updated, report.duplicates, dict(report.skipped))
        assert counts == expected.counts
        assert expected.read_as in (None, (report.encoding, report.delimiter))
        assert len(report.problems) in (0, sum(report.skipped.values()))


def assert_campaigns(kernel: Kernel, model: Model) -> None:
    """Campaigns, their leads and their readiness."""
    rows = {row.campaign_id: row for row in kernel.view(CAMPAIGNS).find()}
    assert rows.keys() == model.campaigns.keys()
    for identity, expected in model.campaigns.items():
        _assert_campaign(rows[identity], expected)
        ready = kernel.readiness(identity)
        assert ready.missing_requirements == model.missing(expected)
        assert tuple(each.code for each in ready.warnings) == (
            *mails.warnings(expected, model.inboxes),
            *mails.lacking(expected),
        )
        _assert_leads(kernel, identity, expected)


def _assert_campaign(row: CampaignRow, expected: Campaign) -> None:
    assert {name: getattr(row.settings, name) for name in expected.settings} == expected.settings
    assert (row.status, row.version, row.inbox_ids) == (expected.status, expected.version, expected.inbox_ids)
    assert (row.created_at, row.updated_at) == (expected.created_at, expected.updated_at)
    assert (row.launched_at, row.name) == (expected.launched_at, expected.settings["name"])
    assert row.lead_mapping == expected.lead_mapping
    assert _shares(row.variants) == [(name, *shares_of(each)) for name, each in expected.variants.items()]
    assert [each.step_number for each in row.steps] == list(range(2, 2 + len(row.steps)))
    assert [
        (each.sequence_id, each.trigger_type, each.wait_days, each.enable_unsubscribe, _shares(each.variants))
        for each in row.steps
    ] == [each.skeleton for each in expected.follow_ups]
    assert row.total_leads == len(expected.leads)


def _shares(splits: tuple[Split, ...]) -> list[tuple[Any, ...]]:
    return [(each.variant_name, each.distribution_percent, each.content_type) for each in splits]


def _assert_leads(kernel: Kernel, identity: UUID, expected: Campaign) -> None:
    rows = kernel.view(LEADS).find({"campaign_id": identity}, order_by="number")
    assert [row.number for row in rows] == list(expected.leads)
    assert [(row.address, row.email) for row in rows] == [
        (each["email"].lower(), each["email"]) for each in expected.leads.values()
    ]
    assert kernel.lead_values(rows) == list(expected.leads.values())


def assert_inboxes(kernel: Kernel, model: Model) -> None:
    """Inboxes and their statuses; those removed are not shown."""
    rows = {row.inbox_id: (row.address, row.status) for row in kernel.view(INBOXES).find()}
    there = {identity: each for identity, each in model.inboxes.items() if each.status != "REMOVED"}
    assert rows == {identity: (each.address, each.status) for identity, each in there.items()}


def assert_deleted(kernel: Kernel, model: Model) -> None:
    """Of a deleted campaign there are envelopes, and nothing else."""
    for identity, version in model.deleted.items():
        *erased, last = kernel.history(identity)
        assert (last.version, last.name) == (version, "campaign.deleted")
        assert not any(each.event for each in erased)
        assert not kernel.view(LEADS).find({"campaign_id": identity})
