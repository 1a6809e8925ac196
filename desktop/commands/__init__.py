"""What each command does; the table of all of them is `desktop.command_line`."""
