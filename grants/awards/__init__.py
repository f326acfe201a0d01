"""Awards, grant lines and budget changes."""
