"""Numerics that know no marketing."""
