"""How well the verifier finds mistakes: right derivations, broken one thing at a time.

What is broken, and whether that changes a value, is decided by the small readers and evaluators of this
package, which share nothing with the verifier.
"""
