"""Judge the formulas and displayed numbers of a document."""
