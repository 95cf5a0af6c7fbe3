"""A lead: one person in one campaign. Its stream begins when something happens to it."""
