"""Command-line input, errors and exit codes."""
