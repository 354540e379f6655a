"""One bad day in twenty small worlds."""
