"""When, in which order and how fast mails go out. Pure."""
