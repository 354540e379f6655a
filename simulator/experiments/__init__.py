"""Questions about many runs: scenarios in, tidy tables out."""
