"""The command line: one file a command; each registers itself by `add_command(subparsers)`."""
