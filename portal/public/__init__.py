"""What plugins may use of the core, in five parts: `facts`, `events`, `models`, `pages`, `admin`. Anything else is private."""
