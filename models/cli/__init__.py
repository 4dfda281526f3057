"""The command line: one file per command; each registers itself with `add_command(subparsers)`."""
