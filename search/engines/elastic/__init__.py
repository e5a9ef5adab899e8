"""The engine of a cluster: Elasticsearch 8 or 9 (client 8.19 talks to both), through `elasticsearch.dsl`."""
