"""Backups: the database and the evidence in one file, proved before it is kept and before it is used."""
