"""`python -m campaign_adapters.cli`: the same program where no script is installed."""

from campaign_adapters.cli import main

main()
