"""What happens in the core apps, one file an app: frozen events on `plugins.sdk.Event`. Siblings and plugins hear each other
through these, never by import. Times are aware instants (UTC); uids are those of the rows."""
