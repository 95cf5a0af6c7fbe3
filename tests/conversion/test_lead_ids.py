"""The public id of a lead: computed from campaign and number, and back."""

from __future__ import annotations

from uuid import UUID

from hypothesis import assume, example, given
from hypothesis import strategies as st

from campaign_core.lead.identity import lead_id_of, lead_number_of

NUMBERS = st.integers(1, 2**48 - 1)


@given(campaign_id=st.uuids(), number=NUMBERS)
@example(campaign_id=UUID(int=0), number=1)
@example(campaign_id=UUID(int=2**128 - 1), number=2**48 - 1)
def test_a_number_comes_back_from_the_id(campaign_id: UUID, number: int) -> None:
    """Which is a UUID of the free form: version 8, the variant of RFC 9562."""
    lead_id = lead_id_of(campaign_id, number)
    assert lead_number_of(campaign_id, lead_id) == number
    assert lead_id.version == 8
    assert lead_id.variant == "specified in RFC 4122"
    assert UUID(str(lead_id)) == lead_id


@given(campaign_id=st.uuids(), one=NUMBERS, other=NUMBERS)
def test_two_leads_of_a_campaign_have_two_ids(campaign_id: UUID, one: int, other: int) -> None:
    assert (lead_id_of(campaign_id, one) == lead_id_of(campaign_id, other)) == (one == other)


@given(campaign_id=st.uuids(), other_id=st.uuids(), number=NUMBERS)
def test_an_id_means_nothing_in_another_campaign(campaign_id: UUID, other_id: UUID, number: int) -> None:
    assume(campaign_id != other_id)
    assert lead_number_of(other_id, lead_id_of(campaign_id, number)) is None


@given(campaign_id=st.uuids(), any_id=st.uuids())
def test_an_id_of_something_else_is_no_lead(campaign_id: UUID, any_id: UUID) -> None:
    assert lead_number_of(campaign_id, any_id) is None
    assert lead_number_of(campaign_id, campaign_id) is None


@given(campaign_id=st.uuids())
def test_there_is_no_lead_zero(campaign_id: UUID) -> None:
    """The id that would be its is nobody's."""
    assert lead_number_of(campaign_id, lead_id_of(campaign_id, 0)) is None


def test_ids_are_what_they_always_were() -> None:
    """A change of the formula would give every lead another id."""
    campaign_id = UUID("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b")
    assert [str(lead_id_of(campaign_id, number)) for number in (1, 2, 10_000)] == [
        "54bd2b4f-55fa-80c2-a67d-e75b24c8c4dd",
        "54bd2b4f-55fa-80c2-a67d-e75b24c8c4de",
        "54bd2b4f-55fa-80c2-a67d-e75b24c8e3cc",
    ]
