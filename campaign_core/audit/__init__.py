"""Reading the log as evidence."""
