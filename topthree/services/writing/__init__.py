"""Writing issues: saving, versions, comments, and what a page of the desk shows of one."""
