"""The imperative shell: one write transaction a command, time and randomness from outside, reads from views."""
