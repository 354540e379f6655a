"""The guided session: questions, predictions, twenty worlds, what happened and why."""
