"""The results page and the suggestions."""
