"""What the model must show: theory that is exact, published models, facts about markets. Each target measures the same engine."""
