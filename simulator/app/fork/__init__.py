"""What if: one world in two versions, side by side."""
