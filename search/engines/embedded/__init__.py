"""The engine of the single machine: tantivy, an index folder beside the database."""
