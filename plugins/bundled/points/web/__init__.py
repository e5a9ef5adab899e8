"""Pages of the points plugin."""
