"""Einsum: transposes, sums and one product of matrices for each pair of operands."""

from .axes import reduce
from .moved import Moved, emit_view
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, format_shape, product


def _parse(equation, ranks):
    """The labels of each operand and of the result. The dimensions of an ellipsis get
    labels of their own, aligned at the last."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise NodeProblem(
            f"expected {len(terms)} operands in '{equation}', got {len(ranks)}"
        )
    if not arrow:
        labels = [label for label in left if label.isalpha()]
        once = sorted(label for label in set(labels) if labels.count(label) == 1)
        right = ("..." if "..." in left else "") + "".join(once)
    most = 0
    for term, rank in zip(terms, ranks):
        named = len(term.replace("...", ""))
        if named > rank or ("..." not in term and named != rank):
            raise NodeProblem(f"expected {named} dimensions in '{term}', got {rank}")
        most = max(most, rank - named if "..." in term else 0)
    dots = [f"<{i}>" for i in range(most)]

    def split(term, rank):
        before, found, after = term.partition("...")
        count = rank - len(before) - len(after) if found else 0
        return [*before, *dots[most - count :], *after]

    inputs = [split(term, rank) for term, rank in zip(terms, ranks)]
    output = split(right, len(right.replace("...", "")) + most)
    for labels in [*inputs, output]:
        if len(set(labels)) != len(labels):
            raise NodeProblem(f"unsupported: a label twice in a term of '{equation}'")
    unknown = set(output) - {label for labels in inputs for label in labels}
    if unknown:
        raise NodeProblem(
            f"expected only labels of operands behind '->' in '{equation}'"
        )
    return inputs, output


class _Term:
    """A Tensor with a label for each dimension."""

    def __init__(self, x, labels):
        self.x = x
        self.labels = labels

    def sizes(self):
        return dict(zip(self.labels, self.x.shape))


def _transposed(node, term, labels, suffix):
    perm = [term.labels.index(label) for label in labels]
    if perm == sorted(perm):
        return term
    x = term.x
    if x.is_dynamic and perm[0] != 0:
        raise Moved.of(x).transposed(perm).refuse()
    return _Term(node.emit("npir.transpose", [x], {"perm": perm}, suffix), labels)


def _summed(node, term, kept, suffix):
    """Without the labels that nothing else has."""
    axes = [i for i, label in enumerate(term.labels) if label not in kept]
    labels = [label for label in term.labels if label in kept]
    return _Term(reduce(node, term.x, "sum", axes, False, suffix), labels)


def _product(node, a, b, kept, suffix):
    """The product of two terms, summed over what is not `kept`."""
    a = _summed(node, a, {*b.labels, *kept}, f"{suffix}.sum0")
    b = _summed(node, b, {*a.labels, *kept}, f"{suffix}.sum1")
    both = [label for label in a.labels if label in b.labels]
    batches = [label for label in both if label in kept]
    inner = [label for label in both if label not in kept]
    rows = [label for label in a.labels if label not in both]
    columns = [label for label in b.labels if label not in both]
    sizes = {**b.sizes(), **a.sizes()}
    for label in both:
        one, other = a.sizes()[label], b.sizes()[label]
        if one != other:
            raise NodeProblem(
                f"expected equal sizes of '{label}', got {one} and {other}"
            )
    # A free batch that one operand lacks stays in front, where matmul broadcasts.
    lead = [label for label in rows + columns if isinstance(sizes[label], Batch)]
    lead = lead if batches else []
    rows = [label for label in rows if label not in lead]
    columns = [label for label in columns if label not in lead]

    def matrices(term, outer, name):
        first = [label for label in lead if label in term.labels]
        term = _transposed(
            node, term, first + batches + outer + inner, f"{suffix}.{name}"
        )
        own = term.sizes()
        dims = [own.get(label, 1) for label in lead] + [own[label] for label in batches]
        dims += [product([own[label] for label in part]) for part in (outer, inner)]
        if any(isinstance(size, Batch) for size in dims[1:]):
            raise NodeProblem(
                f"mixes the batch of {format_shape(term.x.shape)} with others"
            )
        return emit_view(node, term.x, dims, f"{suffix}.{name}s")

    operands = [matrices(a, rows, "row"), matrices(b, columns, "column")]
    y = node.emit("npir.matmul", operands, {"transpose_rhs": True}, f"{suffix}.matmul")
    labels = lead + batches + rows + columns
    y = emit_view(node, y, [sizes[label] for label in labels], f"{suffix}.shaped")
    return _Term(y, labels)


@onnx_op("Einsum", inputs=(1, None))
def import_einsum(node):
    equation = node.text("equation", "")
    values = [node.value(i) for i in range(len(node.inputs))]
    inputs, output = _parse(equation, [len(value.shape) for value in values])
    linear = _as_linear(node, values, inputs, output)
    if linear is not None:
        node.set(linear)
        return
    terms = [_Term(node.tensor(i), labels) for i, labels in enumerate(inputs)]
    while len(terms) > 1:
        a, b, *rest = terms
        kept = {*output, *(label for term in rest for label in term.labels)}
        suffix = "" if not rest else f".{len(rest)}"
        terms = [_product(node, a, b, kept, suffix), *rest]
    term = _summed(node, terms[0], output, ".sum")
    node.set(_transposed(node, term, output, "").x)


def _as_linear(node, values, inputs, output):
    """An activation times a constant matrix along its last dimension, or None."""
    if len(values) != 2 or not isinstance(values[1], Host):
        return None
    *outer, inner = inputs[0] or [""]
    weight = inputs[1]
    if (
        not output
        or sorted(weight) != sorted([inner, output[-1]])
        or output[:-1] != outer
    ):
        return None
    matrix = node.importer.as_float(values[1])
    if weight[0] == inner:
        matrix = node.constant(matrix, "transposed", lambda array: array.T.copy())
    else:
        matrix = node.constant(matrix)
    return node.emit("npir.linear", [node.tensor(0), matrix])
