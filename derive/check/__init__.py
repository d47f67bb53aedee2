"""Judge the claims of a hand derivation against the derivation."""
