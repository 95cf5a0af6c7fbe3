"""The fast path for plain addresses never disagrees with email-validator."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from campaign_core.intake.addresses import normalised, plain

LOCAL = st.text("abcXYZ019._+-'", min_size=1, max_size=66)
LABEL = st.text("abcXYZ019-", min_size=1, max_size=65)
LAST = st.one_of(
    st.text("abcZ", min_size=1, max_size=65),
    st.sampled_from(
        ["com", "COM", "test", "local", "arpa", "invalid", "example", "onion", "alt", "internal", "x1", "1"]
    ),
)
NEARLY_PLAIN = st.builds(
    lambda local, labels, last: f"{local}@{'.'.join([*labels, last])}", LOCAL, st.lists(LABEL, max_size=5), LAST
)


@given(NEARLY_PLAIN)
@example("a@b.co")
@example("a" * 64 + "@example.com")
@example("a" * 65 + "@example.com")
@example("a@" + "b" * 63 + ".com")
@example("a@" + "b" * 64 + ".com")
@example("a@xn--mller-kva.de")
@example("a@" + ".".join(["b" * 60] * 4) + ".com")
@example("a@b.c")
@example("a..b@example.com")
@example(".a@example.com")
@example("a@-b.com")
@example("a\n@example.com")
@example("a@example.com\n")
def test_what_the_fast_path_takes_email_validator_takes_with_the_same_result(address: str) -> None:
    fast = plain(address)
    if fast is not None:
        assert validate_email(address, check_deliverability=False).normalized == fast


@given(NEARLY_PLAIN)
def test_normalised_has_the_verdict_of_email_validator(address: str) -> None:
    try:
        slow = validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        with pytest.raises(ValueError, match=r".+"):
            normalised(address)
    else:
        assert normalised(address) == slow


def test_plain_addresses_take_the_fast_path() -> None:
    for address in ["ana.silva@example.com", "A_B+c-d@Mail.Example.CO.UK", "1@2.org"]:
        assert plain(address) is not None
