"""Tests of reading networks trained elsewhere."""
