"""HTTP for pipelines and frontends, and a page for people: a thin dress over ``starter``. Decides nothing of a flow."""
