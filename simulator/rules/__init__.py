"""What happens: one mechanism a file, its parameters on top."""
