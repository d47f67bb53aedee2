"""Readers and verifier against arbitrary input: no exception but the tool's own."""
