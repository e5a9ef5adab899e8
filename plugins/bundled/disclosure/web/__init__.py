"""Pages of the disclosure plugin."""
