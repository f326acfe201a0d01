"""The auditor's area: reads everything, changes neither stock nor money."""
