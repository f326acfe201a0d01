"""Big reports: asked for on a page, made by a process beside the service, kept for some days, taken by who asked."""
