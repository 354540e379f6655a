"""The browser application: pages over the same functions that the command line calls. `server.serve` starts it."""
