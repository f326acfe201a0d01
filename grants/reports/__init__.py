"""Grant reports: the statement of grant usage, and where every report of a period is found."""
