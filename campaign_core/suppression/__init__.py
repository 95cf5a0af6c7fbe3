"""Addresses that nobody in a workspace may write to: known by a keyed hash, so that they outlive every erasure."""
