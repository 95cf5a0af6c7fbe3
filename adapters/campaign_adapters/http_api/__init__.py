"""The HTTP side: what mail programs and readers of sent mails reach."""
