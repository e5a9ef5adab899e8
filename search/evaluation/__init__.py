"""How good the ranking is, measured on judged questions through the real search layer."""
