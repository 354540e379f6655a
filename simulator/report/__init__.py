"""Tables become pictures, words and pages."""
