"""What a campaign brought: rates, how sure they are, and which variant is better. Pure."""
