"""Every figure of the project, measured beside a named baseline. `bin/bench` runs these modules; each has
`run(options) -> dict`, and `options` carries whatever `-o name=value` was given."""
