"""Full-text search as a library: it takes declarations (`registry`), keeps an index in step with them, and answers."""
