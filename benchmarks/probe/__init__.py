"""An app that only the benchmarks load: a bare view to compare pages with, and a job that notes when it began."""
