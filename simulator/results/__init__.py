"""What was seen: the recorder, the run result, key figures, cascades and episodes. Nothing here changes a run."""
