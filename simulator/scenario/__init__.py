"""What may be asked: schema, loading, overrides, identity."""
