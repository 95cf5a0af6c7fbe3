"""Mail into a Maildir: each mail is one whole file, and anybody's reader finds it."""

from __future__ import annotations

import mailbox
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from campaign_adapters.maildir import MaildirTransport
from campaign_core.errors import MisuseError
from campaign_core.sending.transport import Taken, TryLater
from tests.transports.given import INBOX, outgoing

#: Sends so many mails into a Maildir from a process of its own.
PROGRAM = """
import sys
from uuid import UUID
from campaign_adapters.maildir import MaildirTransport
from campaign_core.sending.transport import Outgoing, Taken
path, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
transport = MaildirTransport(path)
for number in range(count):
    mail = Outgoing(message_id=f"<{who}.{number}@acme.com>", sender="a@acme.com", to="b@acme.com",
                    wire=f"Message-ID: <{who}.{number}@acme.com>\\r\\n\\r\\nHi\\r\\n".encode())
    assert isinstance(transport.send(UUID(int=1), mail), Taken)
"""


def files(path: Path, folder: str) -> list[Path]:
    """The files of one folder of a Maildir."""
    return sorted((path / folder).iterdir())


def test_a_mail_is_read_back_with_the_standard_library(tmp_path: Path) -> None:
    """Every mail once, with its header and its text."""
    transport = MaildirTransport(tmp_path / "mails")
    texts = [f"mail {number}, schön\n" for number in range(5)]
    for number, text in enumerate(texts):
        assert isinstance(transport.send(INBOX, outgoing(text, number=number)), Taken)
    transport.close()
    found = mailbox.Maildir(tmp_path / "mails", create=False)
    assert sorted(each["Message-ID"] for each in found) == [f"<{number}@acme.com>" for number in range(5)]
    assert sorted(bytes(each.get_payload(decode=True)).decode() for each in found) == texts


def test_a_file_is_the_wire_bytes_and_nothing_else(tmp_path: Path) -> None:
    """Its SHA-256 is the digest of the mail; the answer names it, and no draft is left."""
    mail = outgoing("..\nSchöne Grüße\n")
    answer = MaildirTransport(tmp_path).send(INBOX, mail)
    assert isinstance(answer, Taken)
    (file,) = files(tmp_path, "new")
    assert file.name == answer.response
    assert file.read_bytes() == mail.wire
    assert sha256(file.read_bytes()).digest() == mail.digest
    assert files(tmp_path, "tmp") == []


def test_a_mail_sent_twice_is_two_files(tmp_path: Path) -> None:
    """A repetition can be seen."""
    transport = MaildirTransport(tmp_path)
    for _ in range(2):
        transport.send(INBOX, outgoing())
    assert len(files(tmp_path, "new")) == 2


def test_a_name_is_one_that_every_reader_takes(tmp_path: Path) -> None:
    """It begins with the time, and holds no slash and no colon, which would begin the flags."""
    MaildirTransport(tmp_path).send(INBOX, outgoing())
    (file,) = files(tmp_path, "new")
    assert file.name.split(".")[0].isdecimal()
    assert ":" not in file.name


def test_processes_deliver_at_once(tmp_path: Path) -> None:
    """Neither waits for the other, and every mail is there once."""
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    running = [subprocess.Popen([*words, who, "40"]) for who in ("a", "b")]
    assert [each.wait(60) for each in running] == [0, 0]
    found = [each["Message-ID"] for each in mailbox.Maildir(tmp_path, create=False)]
    assert sorted(found) == sorted(f"<{who}.{number}@acme.com>" for who in "ab" for number in range(40))


def test_a_mail_is_taken_once_it_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First its bytes are flushed, while it is a draft; then its name, when it is in its place."""
    flushed: list[tuple[int, int]] = []
    really = os.fsync

    def watching(descriptor: int) -> None:
        flushed.append((os.fstat(descriptor).st_ino, len(files(tmp_path, "new"))))
        really(descriptor)

    transport = MaildirTransport(tmp_path)
    monkeypatch.setattr(os, "fsync", watching)
    transport.send(INBOX, outgoing())
    (file,) = files(tmp_path, "new")
    assert flushed == [(file.stat().st_ino, 0), ((tmp_path / "new").stat().st_ino, 1)]


@pytest.mark.parametrize("missing", ["tmp", "new"])
def test_where_it_cannot_be_written_the_mail_may_be_tried_again(tmp_path: Path, missing: str) -> None:
    """Nothing half done is left behind."""
    transport = MaildirTransport(tmp_path)
    (tmp_path / missing).rmdir()
    answer = transport.send(INBOX, outgoing())
    assert isinstance(answer, TryLater)
    assert answer.code is None
    (tmp_path / missing).mkdir()
    assert (files(tmp_path, "tmp"), files(tmp_path, "new")) == ([], [])
    assert isinstance(transport.send(INBOX, outgoing()), Taken)


def test_a_maildir_that_is_there_is_added_to(tmp_path: Path) -> None:
    for _ in range(2):
        MaildirTransport(tmp_path / "deep" / "mails").send(INBOX, outgoing())
    assert len(files(tmp_path / "deep" / "mails", "new")) == 2


def test_a_place_that_cannot_be_a_maildir_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MisuseError, match="cannot be a Maildir: Not a directory"):
        MaildirTransport(tmp_path / "file" / "mails")
