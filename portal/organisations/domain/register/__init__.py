"""The register as one table: what its columns hold, reading it, writing it, bringing it in, and the run of an upload."""
