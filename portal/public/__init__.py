"""What plugins may use of the core: `facts`, `events`, `models`, `pages`, `admin`, `notices`. Anything else is private."""
