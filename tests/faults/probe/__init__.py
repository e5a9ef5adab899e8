"""An app that only the fault tests load: a page, and a job that says when it begins and when it ends."""
