"""What the disclosure plugin does."""
