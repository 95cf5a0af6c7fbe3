"""The command line `campaign`: what a person or a script types, translated into commands of the kernel and back.

Nothing heavy is imported before it is needed: `campaign --help` loads neither the kernel nor the tables.
"""

from __future__ import annotations

import sys
from typing import Final

_INSTALLED_BY_EXTRA: Final = {"typer", "rich", "yaml"}


def main() -> None:
    """Runs the program on the arguments of the process and ends it with an exit code."""
    try:
        from campaign_adapters.cli.program import run

        code = run(sys.argv[1:])
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in _INSTALLED_BY_EXTRA:
            raise
        sys.exit(f"Error: The command line needs {package}; install it with: pip install 'campaign-core[cli]'.")
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)
    sys.exit(code)
