"""Documents in, claims out: readers of formulas, numbers and gradient code."""
