"""The inbox aggregate: a sender's account. Secrets never enter an event."""
