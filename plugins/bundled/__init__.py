"""The plugins that come with Linghang. They use `plugins.sdk` and `portal.public` only."""
