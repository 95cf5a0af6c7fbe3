"""Benchmarks: ratios against a floor and a peer, in one run."""
