"""The auditor's area: reads everything, changes nothing."""
