"""The product's public API over HTTP: it translates requests into commands and questions, and decides nothing."""
