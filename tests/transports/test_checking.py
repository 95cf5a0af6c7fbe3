"""A login is tried and nothing is sent: what works is told from what does not, in a few words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from campaign_adapters.smtp import Security, check_login, checking
from tests.transports.given import settings
from tests.transports.servers import Post, certificate, serving

WRONG = {"username": "ann", "password": "wrong"}
RIGHT = {"username": "ann", "password": "p4ss-wörd"}


@pytest.mark.parametrize("security", list(Security))
def test_what_works_is_none_and_leaves_no_mail(tmp_path: Path, security: Security) -> None:
    """Over each kind of connection; the talk ends with the login and a goodbye."""
    made, post = certificate(tmp_path), Post(accounts={"ann": "p4ss-wörd"})
    implicit = made.server if security is Security.TLS else None
    with serving(post, implicit=implicit, tls_context=made.server if security is Security.STARTTLS else None):
        assert check_login(settings(post, security=security, **RIGHT), tls=made.client) is None
    assert post.commands[-1] == "AUTH"
    assert {"MAIL", "RCPT", "DATA"} & set(post.commands) == set()
    assert post.mails == []


def test_a_wrong_password_is_told_in_the_servers_words() -> None:
    with serving(Post(accounts={"ann": "p4ss-wörd"})) as post:
        assert "535" in str(check_login(settings(post, **WRONG)))
        assert check_login(settings(post, **RIGHT)) is None


def test_a_server_that_is_not_there_or_hangs_up_is_told() -> None:
    assert str(check_login(settings(Post(port=1)))).startswith("no connection")
    with serving(Post(drops={"EHLO"})) as post:
        assert str(check_login(settings(post))).startswith("no connection")
    with serving(Post(replies={"GREETING": "421 4.3.2 closing down"})) as post:
        assert "421 4.3.2" in str(check_login(settings(post)))


def test_a_server_that_says_nothing_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However patient the settings are: somebody waits for the outcome."""
    monkeypatch.setattr(checking, "CHECK_SECONDS", 0.2)
    with serving(Post(stalls={"GREETING"})) as post:
        begun = time.monotonic()
        said = check_login(settings(post, timeout_seconds=60.0))
    assert str(said).startswith("no connection")
    assert time.monotonic() - begun < 10
