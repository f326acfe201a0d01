"""Published usage: what may be shown to partners and the public, small counts hidden over all releases together."""
