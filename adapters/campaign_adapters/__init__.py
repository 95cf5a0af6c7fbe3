"""Thin adapters: each translates between one outside world and the kernel, and decides nothing."""
