"""Backup and restore: a whole workspace as one file that can be checked, and back."""
