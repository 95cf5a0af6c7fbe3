"""The campaign aggregate: what it can be told, what it records, and every rule it answers for."""
