"""SMTP settings at rest: they come back whole, with the right key and for their inbox only."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from campaign_adapters.mailbox import ImapSettings
from campaign_adapters.mailbox.secrets import IMAP_SETTINGS, ImapSecrets
from campaign_adapters.secret_key import secret_key
from campaign_adapters.smtp import Security, SmtpSettings
from campaign_adapters.smtp.secrets import SMTP_SETTINGS, Sealed, SmtpSecrets
from campaign_core import Kernel, open_kernel
from campaign_core.errors import InvalidMessage, MisuseError
from campaign_core.kernel.shelf import Shelf
from tests.transports.given import INBOX, OTHER
from tests.transports.servers import dkim_key

KEY, WRONG = bytes(range(200, 232)), bytes(32)
SETTINGS = SmtpSettings(
    host="smtp.acme.com",
    port=587,
    security=Security.STARTTLS,
    username="ann",
    password="p4ss-wörd",
    timeout_seconds=2.5,
    dkim_selector="mail",
    dkim_domain="acme.com",
    dkim_private_key=dkim_key()[0],
)


@pytest.fixture
def shelf(kernel: Kernel) -> Shelf[Sealed]:
    """An empty register on each store in turn."""
    return kernel.shelf(SMTP_SETTINGS)


def test_settings_come_back_as_they_were_kept(shelf: Shelf[Sealed]) -> None:
    """Those kept last, and by another process that has the key."""
    SmtpSecrets(shelf, KEY).keep(INBOX, evolve(SETTINGS, port=25))
    SmtpSecrets(shelf, KEY).keep(INBOX, SETTINGS)
    assert SmtpSecrets(shelf, KEY).settings_of(INBOX) == SETTINGS


@given(
    username=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    password=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    key=st.binary(min_size=32, max_size=32),
)
def test_any_name_and_password_come_back(username: str, password: str, key: bytes) -> None:
    kept = evolve(
        SETTINGS, username=username, password=password, dkim_private_key=None, dkim_selector=None, dkim_domain=None
    )
    with open_kernel("memory:") as kernel:
        secrets = SmtpSecrets(kernel.shelf(SMTP_SETTINGS), key)
        secrets.keep(INBOX, kept)
        assert secrets.settings_of(INBOX) == kept


def test_what_is_stored_betrays_nothing(tmp_path: Path) -> None:
    """Neither the file nor what Python shows of a value holds a name, a password or a key."""
    with open_kernel(tmp_path / "campaigns.db") as kernel:
        SmtpSecrets(kernel.shelf(SMTP_SETTINGS), KEY).keep(INBOX, SETTINGS)
    stored = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert str(INBOX).encode() in stored
    for secret in ("p4ss-wörd", "smtp.acme.com", "PRIVATE KEY", dkim_key()[0].splitlines()[1]):
        assert secret.encode() not in stored
        assert base64.b64encode(secret.encode())[:8] not in stored
    assert "p4ss" not in repr(SETTINGS)
    assert "PRIVATE" not in repr(SETTINGS)


def test_equal_settings_are_stored_differently(shelf: Shelf[Sealed]) -> None:
    """Nobody can tell which inboxes share a password, and no nonce is used twice."""
    secrets = SmtpSecrets(shelf, KEY)
    for inbox in (INBOX, OTHER):
        secrets.keep(inbox, SETTINGS)
    (_, first), (_, second) = shelf.scan()
    assert (first.nonce != second.nonce, first.box != second.box) == (True, True)


def test_the_wrong_key_is_told_in_a_sentence(shelf: Shelf[Sealed]) -> None:
    """Before the first mail as well."""
    SmtpSecrets(shelf, WRONG).check_key()
    SmtpSecrets(shelf, KEY).keep(INBOX, SETTINGS)
    SmtpSecrets(shelf, KEY).check_key()
    with pytest.raises(
        MisuseError, match=f"^The SMTP settings of the inbox {INBOX} do not open .*CAMPAIGN_SECRET_KEY.*[.]$"
    ):
        SmtpSecrets(shelf, WRONG).settings_of(INBOX)
    with pytest.raises(MisuseError, match="do not open"):
        SmtpSecrets(shelf, WRONG).check_key()


def test_settings_of_one_kind_do_not_open_as_another(kernel: Kernel) -> None:
    """Who can write into the database cannot have a server for reading taken for one for sending."""
    reading = ImapSettings(host="imap.acme.com", port=993, username="ann", password="p4ss-wörd")
    secrets = ImapSecrets(kernel.shelf(IMAP_SETTINGS), KEY)
    secrets.keep(INBOX, reading)
    assert secrets.settings_of(INBOX) == reading
    assert "p4ss" not in repr(reading)
    ((_, sealed),) = kernel.shelf(IMAP_SETTINGS).scan()
    kernel.shelf(SMTP_SETTINGS).put(str(INBOX), sealed)
    with pytest.raises(MisuseError, match=f"^The SMTP settings of the inbox {INBOX} do not open"):
        SmtpSecrets(kernel.shelf(SMTP_SETTINGS), KEY).settings_of(INBOX)
    with pytest.raises(InvalidMessage, match="host name or an IP address"):
        secrets.keep(INBOX, evolve(reading, host="two words"))


def test_settings_moved_to_another_inbox_or_workspace_do_not_open(kernel: Kernel) -> None:
    """Who can write into the database cannot make one inbox send as another."""
    shelf = kernel.shelf(SMTP_SETTINGS)
    SmtpSecrets(shelf, KEY).keep(INBOX, SETTINGS)
    ((_, sealed),) = shelf.scan()
    shelf.put(str(OTHER), sealed)
    with pytest.raises(MisuseError, match="do not open"):
        SmtpSecrets(shelf, KEY).settings_of(OTHER)
    kernel.create_workspace("acme")
    elsewhere = kernel.workspace("acme").shelf(SMTP_SETTINGS)
    elsewhere.put(str(INBOX), sealed)
    with pytest.raises(MisuseError, match="do not open"):
        SmtpSecrets(elsewhere, KEY).settings_of(INBOX)


@pytest.mark.parametrize("part", ["nonce", "box"])
@pytest.mark.parametrize("spoilt", ["", "AAAA", "not base64", "A" * 64], ids=["empty", "short", "no base64", "other"])
def test_what_was_damaged_does_not_open(shelf: Shelf[Sealed], part: str, spoilt: str) -> None:
    secrets = SmtpSecrets(shelf, KEY)
    secrets.keep(INBOX, SETTINGS)
    ((_, sealed),) = shelf.scan()
    shelf.put(str(INBOX), evolve(sealed, **{part: spoilt}))
    with pytest.raises(MisuseError, match="do not open"):
        secrets.settings_of(INBOX)


def test_settings_that_are_forgotten_are_gone(shelf: Shelf[Sealed]) -> None:
    secrets = SmtpSecrets(shelf, KEY)
    secrets.keep(INBOX, SETTINGS)
    secrets.forget(INBOX)
    secrets.forget(INBOX)
    with pytest.raises(MisuseError, match=f"^No SMTP settings are kept for the inbox {INBOX}; .*[.]$"):
        secrets.settings_of(INBOX)
    assert shelf.scan() == []


def test_wrong_settings_are_not_kept(shelf: Shelf[Sealed]) -> None:
    with pytest.raises(InvalidMessage, match=r"\$\.port"):
        SmtpSecrets(shelf, KEY).keep(INBOX, evolve(SETTINGS, port=0))
    assert shelf.scan() == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(KEY.hex(), id="hex"),
        pytest.param(KEY.hex().upper(), id="hex in capitals"),
        pytest.param(base64.b64encode(KEY).decode(), id="base64"),
        pytest.param(base64.b64encode(KEY).decode().rstrip("=") + "\n", id="base64 without padding, with a line end"),
    ],
)
def test_a_key_is_read_in_hex_and_base64(tmp_path: Path, text: str) -> None:
    """From the environment and from a file."""
    assert secret_key({"CAMPAIGN_SECRET_KEY": text}) == KEY
    (tmp_path / "key").write_text(text)
    assert secret_key({"CAMPAIGN_SECRET_KEY_FILE": str(tmp_path / "key")}) == KEY


@given(st.binary(min_size=32, max_size=32))
def test_every_key_can_be_written_in_each_way(key: bytes) -> None:
    """Base64 in the alphabet of URLs as well."""
    for text in (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()):
        assert secret_key({"CAMPAIGN_SECRET_KEY": text}) == key


def test_a_key_file_may_hold_the_bytes_themselves(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY)
    assert secret_key({"CAMPAIGN_SECRET_KEY_FILE": str(tmp_path / "key")}) == KEY


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        pytest.param({}, "SMTP settings are kept encrypted; set CAMPAIGN_SECRET_KEY to", id="none"),
        pytest.param({"CAMPAIGN_SECRET_KEY": ""}, "SMTP settings are kept encrypted; set", id="empty"),
        pytest.param(
            {"CAMPAIGN_SECRET_KEY": "abcd"}, "CAMPAIGN_SECRET_KEY must be 32 bytes in base64 or hex", id="short"
        ),
        pytest.param({"CAMPAIGN_SECRET_KEY": "ü" * 44}, "CAMPAIGN_SECRET_KEY must be 32 bytes", id="outside ASCII"),
        pytest.param({"CAMPAIGN_SECRET_KEY": "0" * 32}, "CAMPAIGN_SECRET_KEY must be 32 bytes", id="32 hex digits"),
        pytest.param(
            {"CAMPAIGN_SECRET_KEY_FILE": "/no/such/key"}, "cannot be read from /no/such/key: No such file", id="no file"
        ),
    ],
)
def test_a_missing_or_wrong_key_is_told_in_a_sentence(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(MisuseError, match=sentence) as told:
        secret_key(environment)
    assert told.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"host": ""}, "$.host: must be a host name", id="no host"),
        pytest.param({"host": "a b"}, "$.host: must be a host name", id="a host with a blank"),
        pytest.param({"port": 65536}, "$.port: must be 1 to 65535", id="a port too high"),
        pytest.param({"security": "tls"}, "$.security: must be one of tls, starttls, none", id="security as text"),
        pytest.param({"timeout_seconds": 0}, "$.timeout_seconds: must be more than 0", id="no time"),
        pytest.param({"timeout_seconds": float("nan")}, "$.timeout_seconds: must be more than 0", id="no number"),
        pytest.param(
            {"final_timeout_seconds": True}, "$.final_timeout_seconds: must be more", id="a truth value as time"
        ),
        pytest.param({"username": None}, "$.password: must be given together", id="a password without a name"),
        pytest.param({"password": None}, "$.password: must be given together", id="a name without a password"),
        pytest.param(
            {"dkim_selector": None}, "$.dkim_private_key: must be given together", id="a key without a selector"
        ),
        pytest.param({"dkim_domain": "bücher.de"}, "$.dkim_domain: must be a name", id="a domain outside ASCII"),
        pytest.param({"dkim_private_key": "x"}, "$.dkim_private_key: must be an RSA private key", id="no key"),
    ],
)
def test_wrong_settings_are_told_by_field(shelf: Shelf[Sealed], changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidMessage) as told:
        SmtpSecrets(shelf, KEY).keep(INBOX, evolve(SETTINGS, **changes))
    assert problem in str(told.value)


def _short() -> rsa.RSAPrivateKey:
    """An RSA key of 648 bits, of two primes everybody knows."""
    p, q, e = 2**521 - 1, 2**127 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


@pytest.mark.parametrize("make", [_short, lambda: ec.generate_private_key(ec.SECP256R1())], ids=["short", "no RSA"])
def test_a_key_that_is_not_rsa_or_too_short_is_refused(
    shelf: Shelf[Sealed], make: Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]
) -> None:
    """Receivers would not believe its signatures."""
    pem = make().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(
        InvalidMessage, match="must be an RSA private key in PEM, without a password, of at least 1024 bits"
    ):
        SmtpSecrets(shelf, KEY).keep(INBOX, evolve(SETTINGS, dkim_private_key=pem))
