"""Wiring only: settings, processes and addresses. No business words."""
