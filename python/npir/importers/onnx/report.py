"""Problems and remarks: collected, so that one run tells them all."""


class ModelError(Exception):
    """The file as a whole is of no use; the text says why."""


class ImportFailure(Exception):
    """The model was read, but cannot be imported: see the report."""


class NodeProblem(Exception):
    """Why one node cannot be imported. Caught where the graph is walked."""


class Poisoned(Exception):
    """A node depends on a value that could not be made. That one was reported."""


class Report:
    """What is wrong with a model, and what the user may want to know about it."""

    def __init__(self):
        self.problems = []
        self.remarks = []
        # Tensors up to which the model can be imported.
        self.ends = []

    def problem(self, subject, reason):
        """`subject` says what and where, `reason` why; neither is told twice."""
        # Every line of a diagnostic in two lines stays in its place.
        text = f"{subject}: " + str(reason).strip().replace("\n", "; ")
        if text not in self.problems:
            self.problems.append(text)

    def remark(self, text):
        if text not in self.remarks:
            self.remarks.append(text)

    def describe(self, path):
        """The problems as one diagnostic of several lines."""
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        lines = [f"{path}: cannot import the model: {count} {noun}"]
        lines += [f"  {text}" for text in self.problems]
        if self.ends:
            names = ", ".join(f"'{name}'" for name in self.ends[:8])
            more = f" and {len(self.ends) - 8} more" if len(self.ends) > 8 else ""
            lines.append(
                f"what comes before can be imported: end the network at {names}{more} "
                "(--end-at, or outputs= in Python)"
            )
        return "\n".join(lines)
