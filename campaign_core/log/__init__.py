"""The event log: one port for every store, and everything that is the same whichever store holds it."""
