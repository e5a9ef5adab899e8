"""The structure of a stored text as rows that a person can correct, without ever touching its characters."""
