"""What a mail says: the language of its templates, and the mail that comes of one. Pure."""
