"""The known kinds of mistakes, one module each.

The order is that in which causes are preferred where several explain a claim: by how often they are met
in real notes, the frequent first.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from derive.check.catalogue import (
    arithmetic,
    index,
    loss_factor,
    missing_activation_derivative,
    missing_factor,
    missing_term,
    negated_gradient,
    other,
    rounding,
    shape,
    sign,
    stale_number,
    surplus_factor,
    transpose,
    update_sign,
    wrong_variable,
)
from derive.check.catalogue.entry import Edit, Mistake, Workspace

MISTAKES: Mapping[str, Mistake] = MappingProxyType(
    {
        module.MISTAKE.code: module.MISTAKE
        for module in (
            index,
            update_sign,
            negated_gradient,
            sign,
            arithmetic,
            rounding,
            stale_number,
            missing_activation_derivative,
            transpose,
            missing_term,
            loss_factor,
            surplus_factor,
            missing_factor,
            shape,
            wrong_variable,
            other,
        )
    }
)
"""By code."""

__all__ = ["MISTAKES", "Edit", "Mistake", "Workspace"]
