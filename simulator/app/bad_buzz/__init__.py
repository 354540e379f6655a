"""Episodes and stories: their trees replayed, and the world without a teller."""
