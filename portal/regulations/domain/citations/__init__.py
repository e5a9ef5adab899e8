"""Who cites what inside the texts of regulations: the grammar, the names, and the links that follow from them."""
