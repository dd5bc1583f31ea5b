"""Files become rows and a report of what was odd; one format a module."""
