"""Questions an auditor pins to a record: asked, answered by whoever owns such records, closed by the auditor."""
