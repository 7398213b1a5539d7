"""The command line: its input, output, errors and exit codes."""
