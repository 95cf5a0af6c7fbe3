"""What a reply may mean, whatever the server says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from campaign_adapters.smtp.replies import Reply, Stage, refusal
from campaign_core.sending.transport import InboxRefused, Silence, TryLater, Turned

TEXTS = st.builds("{}.{}.{} {}".format, st.integers(2, 5), st.integers(0, 9), st.integers(0, 99), st.text()) | st.text()
STAGES = st.sampled_from(Stage)


@given(st.integers(400, 499), TEXTS, STAGES)
def test_what_is_temporary_may_be_tried_again_wherever_it_comes(code: int, text: str, stage: Stage) -> None:
    answer = refusal(Reply(code, text), stage)
    assert isinstance(answer, TryLater)
    assert answer.code == code


@given(st.integers(500, 599), TEXTS, STAGES)
def test_what_is_permanent_is_never_tried_again_and_never_in_doubt(code: int, text: str, stage: Stage) -> None:
    """It is the inbox's fault or the mail's; before MAIL only the inbox can be at fault."""
    answer = refusal(Reply(code, text), stage)
    assert isinstance(answer, InboxRefused) if stage is Stage.HELLO else isinstance(answer, InboxRefused | Turned)
    assert answer.code == code  # type: ignore[union-attr]


@given(st.integers(-1, 999).filter(lambda code: not 400 <= code <= 599), TEXTS, STAGES)
def test_what_does_not_belong_there_is_in_doubt_behind_the_dot_only(code: int, text: str, stage: Stage) -> None:
    answer = refusal(Reply(code, text), stage)
    assert isinstance(answer, Silence if stage is Stage.END else TryLater)


@given(st.integers(500, 599), TEXTS, STAGES)
def test_an_address_is_blamed_only_where_it_was_named(code: int, text: str, stage: Stage) -> None:
    """By a status X.1.x, or to RCPT; never by a status X.7.x, which is a policy."""
    answer = refusal(Reply(code, text), stage)
    blamed = isinstance(answer, Turned) and answer.about_address
    status = Reply(code, text).status
    if blamed:
        assert (status is not None and status[0] == 1) or (stage is Stage.RCPT and code in (550, 551, 553))
        assert status is None or status[0] != 7


@given(st.binary(max_size=2000))
def test_a_reply_is_one_short_line_whatever_the_bytes(given_: bytes) -> None:
    """It can stand in a log and on a screen."""
    text = Reply.of(250, given_).text
    assert len(text) <= 500
    assert text.splitlines() in ([], [text])
    assert text == text.strip()
