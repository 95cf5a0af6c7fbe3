"""The test of a store: every sentence of `campaign_core.log.ports`, and of the log and its views over the store.

A store written elsewhere passes all of it, without exception:

    class TestMyStore(StoreContract):
        def make_store(self, folder: Path) -> Store:
            return MyStore(folder / "log")

A store that needs more than a folder, such as a server, overrides the fixture `store` instead; it must be empty for each
test, and is closed by the fixture. The contract opens one store once: several logs over it, and several threads within
it, stand for what shares it. What only holds for one kind of store (what it keeps when it is closed and opened again, who
may open it at the same time, how long it waits) is for the tests of that store.

Needs pytest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign_core.log.ports import Store

pytest.register_assert_rewrite(
    "campaign_core.testing.contract_content",
    "campaign_core.testing.contract_kernel",
    "campaign_core.testing.contract_log",
    "campaign_core.testing.contract_rows",
    "campaign_core.testing.contract_tables",
    "campaign_core.testing.contract_transactions",
    "campaign_core.testing.contract_views",
)

from campaign_core.testing.contract_content import ContentContract, VerificationContract  # noqa: E402
from campaign_core.testing.contract_kernel import KernelContract  # noqa: E402
from campaign_core.testing.contract_log import AppendContract  # noqa: E402
from campaign_core.testing.contract_rows import RowsContract  # noqa: E402
from campaign_core.testing.contract_tables import BlocksContract, EventsContract, RegistersContract  # noqa: E402
from campaign_core.testing.contract_transactions import TransactionContract  # noqa: E402
from campaign_core.testing.contract_views import ViewContract  # noqa: E402

__all__ = [
    "AppendContract",
    "BlocksContract",
    "ContentContract",
    "EventsContract",
    "KernelContract",
    "RegistersContract",
    "RowsContract",
    "StoreContract",
    "TransactionContract",
    "VerificationContract",
    "ViewContract",
]


class StoreContract(
    TransactionContract,
    EventsContract,
    BlocksContract,
    RowsContract,
    RegistersContract,
    AppendContract,
    ContentContract,
    VerificationContract,
    ViewContract,
    KernelContract,
):
    """Everything a store has to do. Subclass it under a name that begins with `Test`."""

    def make_store(self, folder: Path) -> Store:
        """An empty store; the folder is its own and goes away after the test."""
        raise NotImplementedError("give make_store, or override the fixture `store`")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """The store under test, empty; closed at the end."""
        store = self.make_store(tmp_path)
        yield store
        store.close()
