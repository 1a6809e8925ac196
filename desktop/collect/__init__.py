"""The collector: the one process that owns the devices. No Qt here, and nothing that needs a screen."""
