"""What the points plugin does."""
