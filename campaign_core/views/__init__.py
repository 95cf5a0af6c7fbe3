"""Read models: what readers ask, folded from the log. Views fold and never decide."""
