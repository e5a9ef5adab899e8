"""A real Elasticsearch for tests: Elastic's own server from Maven Central, one node or three, on loopback."""
