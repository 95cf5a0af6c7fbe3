"""The testing kit: what an application or a store written elsewhere needs to prove itself."""
