"""What exists: consumers, social graph, brands, messages; what a brand may see and do."""
