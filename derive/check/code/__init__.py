"""Judge gradient code by the values that its variables have, at the example and at perturbed data."""

from derive.check.code.judge import check_code

__all__ = ["check_code"]
